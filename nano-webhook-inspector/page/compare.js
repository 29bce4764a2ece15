// Two deliveries side by side, with what differs marked.
import { fromBase64, marked, plain, toText } from './bytes.js';
import { button, facts } from './detail.js';
import { h } from './dom.js';
import { reason, title, verdict } from './words.js';

const MOST_CELLS = 4_000_000;
const CONTEXT = 300;

// Pairs of runs, [left, right]: equal ones and different ones in turn.
export function differences(left, right) {
    const [a, b] = [left, right].map((text) => text.match(/\s|[\w.+-]+|[^]/gu) ?? []);
    let [start, end] = [0, 0];
    const shorter = Math.min(a.length, b.length);
    while (start < shorter && a[start] === b[start]) start++;
    while (end < shorter - start && a.at(-1 - end) === b.at(-1 - end)) end++;
    const [x, y] = [a, b].map((all) => all.slice(start, all.length - end));
    const middle = x.length * y.length > MOST_CELLS ? [[x.join(''), y.join('')]] : aligned(x, y);
    const [head, tail] = [a.slice(0, start).join(''), a.slice(a.length - end).join('')];
    const runs = [];
    for (const [one, other] of [[head, head], ...middle, [tail, tail]]) {
        const last = runs.at(-1);
        if (last && (last[0] === last[1]) === (one === other)) (last[0] += one), (last[1] += other);
        else if (one || other) runs.push([one, other]);
    }
    return runs;
}

// Pairs along a longest common subsequence.
function* aligned(a, b) {
    const width = b.length + 1;
    const length = new Uint32Array((a.length + 1) * width);
    for (let i = a.length - 1; i >= 0; i--)
        for (let j = b.length - 1; j >= 0; j--)
            length[i * width + j] = a[i] === b[j] ? length[(i + 1) * width + j + 1] + 1
                : Math.max(length[(i + 1) * width + j], length[i * width + j + 1]);
    for (let [i, j] = [0, 0]; i < a.length || j < b.length; ) {
        if (i < a.length && a[i] === b[j]) yield [a[i++], b[j++]];
        else if (j === b.length || (i < a.length && length[(i + 1) * width + j] >= length[i * width + j + 1])) yield [a[i++], ''];
        else yield ['', b[j++]];
    }
}

function verdictOnBodies(a, b, runs) {
    const [left, right] = [a, b].map(({ body_base64: body }) => toText(fromBase64(body)));
    if (a.body_base64 === b.body_base64) return 'The bodies are equal, byte for byte.';
    if (left.replace(/\s/g, '') === right.replace(/\s/g, '')) return 'The bodies differ in white space only.';
    const places = runs.filter(([one, other]) => one !== other).length;
    return `The bodies differ in ${places} place${places === 1 ? '' : 's'}.`;
}

const brief = (text) => text.length <= 2 * CONTEXT ? marked(text, false)
    : [marked(text.slice(0, CONTEXT), false), h('i', {}, ` … ${text.length - 2 * CONTEXT} equal … `), marked(text.slice(-CONTEXT), false)].flat();

const side = (runs, at, name) => h('pre', {}, runs.flatMap((run) =>
    run[0] === run[1] ? brief(run[at]) : run[at] ? h(name, {}, marked(run[at].slice(0, 10_000))) : []));

function rows(a, b) {
    const all = (item) => [['Verdict', `${verdict(item)} ${reason(item)}`], ['Event', title(item)], ['Task', plain(item.task_id)],
        ...Object.entries(facts(item)), ...item.headers.map(([name, value]) => [plain(name).toLowerCase(), plain(value)])];
    const [left, right] = [a, b].map((item) => Map.groupBy(all(item), ([name]) => name));
    return [...new Set([...left.keys(), ...right.keys()])].map((name) => {
        const [one, other] = [left, right].map((side) => side.get(name)?.map(([, value]) => value).join(', ') ?? '');
        return h('tr', { class: one !== other && 'differs' }, h('th', { scope: 'row' }, name,
            one !== other && h('span', { class: 'unequal' }, ' ≠', h('span', { class: 'unseen' }, ' differs'))),
            h('td', {}, one), h('td', {}, other));
    });
}

export function comparison(a, b, end) {
    const runs = differences(...[a, b].map((item) => toText(fromBase64(item.body_base64))));
    const names = [a, b].map((item) => `#${item.id} ${verdict(item)}`);
    return [
        h('header', {}, h('h2', { tabindex: -1 }, `#${a.id} and #${b.id}`), h('p', {}, verdictOnBodies(a, b, runs))),
        h('div', { class: 'actions' }, button('End the comparison', end, { 'aria-keyshortcuts': 'Escape' })),
        h('div', { class: 'sides' }, ['del', 'ins'].map((mark, at) =>
            h('section', {}, h('h3', {}, names[at]), side(runs, at, mark)))),
        h('table', { class: 'compared' }, h('thead', {}, h('tr', {}, ['', ...names].map((name) =>
            name ? h('th', { scope: 'col' }, name) : h('td')))), h('tbody', {}, rows(a, b))),
    ];
}
