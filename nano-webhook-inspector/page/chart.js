// Deliveries and rejections of the last ten minutes, in bars of ten seconds.
import { $ } from './dom.js';

const BAR_MS = 10_000;
const BARS = 60;
const [WIDTH, HEIGHT] = [240, 36];

export class Chart {
    #counts = new Map();

    note(item, before) {
        const bar = Math.floor(item.received_at_ms / BAR_MS);
        const count = this.#counts.get(bar) ?? { all: 0, rejected: 0 };
        if (!before) count.all++;
        if (item.verdict === 'rejected' && before?.verdict !== 'rejected') count.rejected++;
        this.#counts.set(bar, count);
    }

    clear() {
        this.#counts.clear();
    }

    draw(now) {
        const last = Math.floor(now / BAR_MS);
        for (const bar of this.#counts.keys()) if (bar <= last - BARS) this.#counts.delete(bar);
        const counts = [...this.#counts.values()];
        const sum = (name) => counts.reduce((total, count) => total + count[name], 0);
        const most = Math.max(4, ...counts.map((count) => count.all));
        const bars = [...this.#counts].flatMap(([bar, { all, rejected }]) => {
            const x = ((bar - last + BARS - 1) * WIDTH) / BARS;
            const tall = (count) => (count && Math.max(2, (count * HEIGHT) / most));
            return [rect('all', x, tall(all)), rect('bad', x, tall(rejected))];
        });
        $('chart').querySelector('svg').replaceChildren(rect('base', 0, 1, WIDTH), ...bars);
        const count = (number, one) => `${number.toLocaleString()} ${one}`;
        const text = `${count(sum('all'), 'received')}, ${count(sum('rejected'), 'rejected')} in 10 min`;
        if ($('counts').textContent !== text) $('counts').textContent = text;
    }
}

function rect(name, x, height, width = WIDTH / BARS - 1) {
    const element = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
    const attributes = { class: name, x, y: HEIGHT - height, width, height };
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
}
