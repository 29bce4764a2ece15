// The list as a listbox. Only the rows in view are elements, however long the list is.
import { plain } from './bytes.js';
import { $, h } from './dom.js';
import { clock, summary, title, VERDICTS, verdict } from './words.js';

const SPARE = 4;

function row(item) {
    const [sign] = VERDICTS[item.verdict] ?? ['?'];
    return h('div', { role: 'option', id: `d${item.id}`, class: `row ${item.verdict in VERDICTS ? item.verdict : ''}` },
        h('span', { class: 'sign', 'aria-hidden': 'true' }, sign),
        h('span', { class: 'what' }, h('b', {}, title(item)), ' ', h('span', { class: 'task' }, plain(item.task_id))),
        h('span', { class: 'when' }, clock(item.received_at_ms)),
        h('span', { class: 'why' }, h('b', {}, verdict(item)), ' ', summary(item)),
        h('span', { class: 'nr' }, `#${item.id}`));
}

export class List {
    #rows = new Map();
    #newest = 0;
    #height = 0;
    selected = 0;
    unseen = 0;

    constructor(store, onSelect) {
        this.store = store;
        this.onSelect = onSelect;
        this.box = $('list');
        this.box.addEventListener('scroll', () => this.#fill());
        this.box.addEventListener('click', (event) => {
            const id = event.target.closest?.('.row')?.id.slice(1);
            if (id) onSelect(Number(id), true);
        });
        new ResizeObserver(() => ((this.#height = 0), this.draw())).observe(this.box);
    }

    // Brings the rows up to date; a reader who has scrolled away stays at the same rows.
    draw() {
        const { shown } = this.store;
        this.box.hidden = shown.length === 0;
        if (this.box.hidden) return;
        this.#height ||= this.#measure();
        $('rows').style.height = `${shown.length * this.#height}px`;
        const added = this.#newest ? shown.findIndex((item) => item.id <= this.#newest) : 0;
        this.#newest = shown[0].id;
        if (this.box.scrollTop > 0 && added > 0) this.box.scrollTop += added * this.#height;
        this.unseen = this.box.scrollTop < this.#height ? 0 : this.unseen + Math.max(0, added);
        this.#fill();
    }

    // Selects the delivery that is so many rows away from the selected one.
    move(step) {
        const { shown } = this.store;
        if (!shown.length) return;
        const at = shown.findIndex((item) => item.id === this.selected);
        const to = at < 0 ? 0 : Math.max(0, Math.min(shown.length - 1, at + step));
        this.onSelect(shown[to].id, false);
    }

    select(id) {
        this.selected = id;
        const at = this.store.shown.findIndex((item) => item.id === id);
        const lowest = (at + 1) * this.#height - this.box.clientHeight;
        if (at >= 0) this.box.scrollTop = Math.min(at * this.#height, Math.max(lowest, this.box.scrollTop));
        this.#fill();
    }

    get page() {
        return Math.max(1, Math.floor(this.box.clientHeight / (this.#height || 1)) - 1);
    }

    #measure() {
        const probe = row({ id: 0, verdict: '', size: 0, status: null, age_s: null });
        $('rows').append(probe);
        const { height } = probe.getBoundingClientRect();
        probe.remove();
        return height;
    }

    #fill() {
        const { shown } = this.store;
        const first = Math.max(0, Math.floor(this.box.scrollTop / this.#height) - SPARE);
        const last = Math.ceil((this.box.scrollTop + this.box.clientHeight) / this.#height) + SPARE;
        const wanted = new Map(shown.slice(first, last).map((item, at) => [item.id, { item, at: first + at }]));
        for (const [id, { element, item }] of this.#rows)
            if (wanted.get(id)?.item !== item) element.remove(), this.#rows.delete(id);
        let next = $('rows').firstChild;
        for (const [id, { item, at }] of wanted) {
            if (!this.#rows.has(id)) this.#rows.set(id, { element: row(item), item });
            const { element } = this.#rows.get(id);
            if (element === next) next = next.nextSibling;
            else $('rows').insertBefore(element, next);
            element.style.transform = `translateY(${at * this.#height}px)`;
            element.setAttribute('aria-posinset', at + 1);
            element.setAttribute('aria-setsize', shown.length);
            element.setAttribute('aria-selected', id === this.selected);
        }
        if (wanted.has(this.selected)) this.box.setAttribute('aria-activedescendant', `d${this.selected}`);
        else this.box.removeAttribute('aria-activedescendant');
    }
}
