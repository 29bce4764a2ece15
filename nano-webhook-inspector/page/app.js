// Wires the parts together: the stream, the list, the pane and the keys.
import { call, connectNow, follow } from './api.js';
import { plain } from './bytes.js';
import { Chart } from './chart.js';
import { comparison } from './compare.js';
import { button, detail } from './detail.js';
import { $, copyButton, h } from './dom.js';
import { keys } from './keys.js';
import { List } from './list.js';
import { edit, exportFile, sendAgain, test } from './send.js';
import { Store } from './store.js';
import { title, verdict, VERDICTS } from './words.js';

const store = new Store();
const chart = new Chart();
const list = new List(store, select);
let [session, skew, pinned, can] = ['', 0, 0, {}];

// What arrives changes the store at once and the page once a frame.
let drawing = 0;
const redraw = () => (drawing ||= requestAnimationFrame(draw));

function draw() {
    drawing = 0;
    list.draw();
    const [all, shown] = [store.items.length, store.shown.length];
    $('none').hidden = all > 0;
    $('unmatched').hidden = all === 0 || shown > 0;
    $('count').textContent = shown === all ? `${all.toLocaleString()}` : `${shown.toLocaleString()} of ${all.toLocaleString()}`;
    $('newer').hidden = list.unseen === 0;
    $('newer').textContent = `↑ ${list.unseen.toLocaleString()} new`;
    for (const name of [...store.events].slice($('event').length - 1)) $('event').append(new Option(plain(name), name));
}
const drawChart = () => chart.draw(Date.now() + skew);
drawChart();
setInterval(drawChart, 1_000);

// A screen reader hears of arrivals at most every five seconds, in one sentence.
let fresh = [];
setInterval(() => {
    const rejected = fresh.filter((one) => one.verdict === 'rejected').length;
    if (fresh.length === 1) $('news').textContent = `${verdict(fresh[0])}: ${title(fresh[0])}`;
    else if (fresh.length) $('news').textContent = `${fresh.length} new deliveries, ${rejected} rejected`;
    fresh = [];
}, 5_000);

follow({
    hello(told) {
        if (session !== told.session) forget();
        [session, skew, can] = [told.session, told.now - Date.now(), told.capabilities];
        const to = can.send_to;
        $('open-test').hidden = $('first-test').hidden = !to;
        $('where').textContent = to ? ` on ${to}` : '';
        $('first').textContent = `nano-webhook send ${to ?? 'URL'}`;
        redraw();
    },
    delivery(item) {
        const before = store.add(item);
        chart.note(item, before);
        if (item.verdict !== 'in_progress' && (!before || before.verdict === 'in_progress')) fresh.push(item);
        if (item.id === list.selected && before) show();
        redraw();
    },
    state(name, text) {
        const words = { live: 'Live', waiting: 'Disconnected, trying again', refused: `Refused: ${plain(text)}. Open the address that the command printed.` };
        if ($('state').textContent !== words[name]) $('state').textContent = words[name];
        $('state').className = name;
        $('retry').hidden = name !== 'waiting';
    },
});
addEventListener('hashchange', () => location.reload());

// After a restart the numbers may mean other deliveries.
function forget() {
    store.clear();
    chart.clear();
    list.selected = pinned = 0;
    document.body.classList.remove('open');
    fill([h('p', { class: 'empty' }, 'Select a delivery to see its body, headers and answer.')]);
}

function select(id, open) {
    list.select(id);
    document.body.classList.toggle('open', open || document.body.classList.contains('open'));
    show();
}

// A second selection ends the first one's request.
let asked = new AbortController();
async function show() {
    asked.abort();
    const { signal } = (asked = new AbortController());
    $('detail').ariaBusy = true;
    const get = async (id) => (await call(`/api/deliveries/${id}`, { signal })).json();
    const [id, other] = [list.selected, pinned];
    try {
        const ids = other && other !== id ? [other, id].sort((a, b) => a - b) : [id];
        const items = await Promise.all(ids.map(get));
        const back = button('← All deliveries', close, { class: 'back' });
        fill([back, ...(items.length > 1 ? comparison(...items, () => pin(0)) : detail(items[0], actions(items[0])))]);
    } catch (error) {
        if (!signal.aborted) fill([h('div', { class: 'empty' }, h('h2', { tabindex: -1 }, `#${id}`), h('p', {}, plain(error.message)))]);
    }
}

function fill(children) {
    const pane = $('detail');
    const focused = pane.contains(document.activeElement);
    for (const media of pane.querySelectorAll('.media')) media.revoke?.();
    pane.replaceChildren(...children);
    pane.ariaBusy = false;
    pane.scrollTop = 0;
    if (focused) (pane.querySelector('h2') ?? $('list')).focus();
}

const actions = (item) => [
    can.send_to && [
        button('Send again', () => sendAgain(item, 'captured'), { class: 'main' }),
        button('Sign anew and send', () => sendAgain(item, 'signed')),
        button('Edit…', () => edit(item)),
    ],
    item.duplicate_of && button(`Compare with #${item.duplicate_of}, the first`, () => pin(item.duplicate_of)),
    button(pinned === item.id ? 'Now select another to compare' : 'Compare…', () => pin(item.id), { 'aria-keyshortcuts': 'c' }),
].flat().filter(Boolean);

function pin(id) {
    pinned = id;
    if (list.selected) show();
}

// From the details to the list.
function close() {
    document.body.classList.remove('open');
    $('list').focus();
}

// Goes back by one step.
function escape() {
    if (document.activeElement === $('text')) setFilter(EVERYTHING);
    if (!pinned || document.activeElement === $('text')) return close();
    pin(0);
    $('list').focus();
}

const EVERYTHING = { text: '', verdict: '', event: '' };
function setFilter(change) {
    store.setFilter(change);
    for (const [name, value] of Object.entries(store.filter)) $(name).value = value;
    $('list').scrollTop = 0;
    redraw();
}
for (const [name, [, label]] of Object.entries(VERDICTS)) $('verdict').append(new Option(label, name));
for (const name of ['text', 'verdict', 'event'])
    $(name).addEventListener('input', () => setFilter({ [name]: $(name).value }));
$('clear').addEventListener('click', () => setFilter(EVERYTHING));

keys({
    move(step) {
        if (document.activeElement === document.body) $('list').focus();
        list.move(step);
    },
    page: () => list.page,
    open() {
        if (!list.selected) return list.move(0);
        document.body.classList.add('open');
        $('detail').querySelector('h2')?.focus();
    },
    compare: () => list.selected && pin(pinned ? 0 : list.selected),
    escape,
});

$('newer').addEventListener('click', () => ($('list').scrollTop = 0));
$('retry').addEventListener('click', connectNow);
$('first').after(copyButton('Copy', () => $('first').textContent));
for (const id of ['open-test', 'first-test']) $(id).addEventListener('click', () => test(can));
$('open-export').addEventListener('click', () => exportFile(store, list.selected));
