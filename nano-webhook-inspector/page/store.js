// The deliveries that the page knows, oldest first, and those that the filter lets through.
import { plain } from './bytes.js';
import { summary, verdict } from './words.js';

const KEPT = 10_000;

export class Store {
    items = [];
    events = new Set();
    filter = { text: '', verdict: '', event: '' };
    #shown = null;

    // Adds a delivery or replaces what was known of it, which is returned.
    add(item) {
        const at = this.#place(item.id);
        const before = this.items[at]?.id === item.id ? this.items[at] : undefined;
        item.words = [`#${item.id}`, item.event, item.task_id, item.code, verdict(item), summary(item)]
            .map(plain).join(' ').toLowerCase();
        this.items.splice(at, before ? 1 : 0, item);
        if (this.items.length > KEPT * 1.05) this.items.splice(0, this.items.length - KEPT);
        if (item.event && this.events.size < 100) this.events.add(item.event);
        this.#shown = null;
        return before;
    }

    clear() {
        this.items = [];
        this.#shown = null;
    }

    get(id) {
        const item = this.items[this.#place(id)];
        return item?.id === id ? item : undefined;
    }

    setFilter(change) {
        Object.assign(this.filter, change);
        this.#shown = null;
    }

    // Newest first.
    get shown() {
        const { text, verdict, event } = this.filter;
        const words = text.toLowerCase().split(/\s+/);
        return (this.#shown ??= this.items.filter((item) =>
            (!verdict || item.verdict === verdict) && (!event || item.event === event) &&
            words.every((word) => item.words.includes(word))).reverse());
    }

    // The first place whose id is not smaller.
    #place(id) {
        let [low, high] = [0, this.items.length];
        if (high === 0 || this.items[high - 1].id < id) return high;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (this.items[middle].id < id) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
