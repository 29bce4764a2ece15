// The detail pane: everything about one delivery.
import { call } from './api.js';
import { formatted, fromBase64, plain, raw, toText } from './bytes.js';
import { command, copyButton, h, save } from './dom.js';
import { age, moment, reason, size, title, took, verdict } from './words.js';

const section = (name, ...children) => h('section', {}, h('h3', {}, name), children);

export const button = (label, click, attributes) => h('button', { click, ...attributes }, label);

export const facts = (item) => ({
    Received: moment(item.received_at_ms),
    'Age at arrival': item.age_s === null ? '–' : age(item.age_s),
    Size: `${size(item.size)}${item.body_truncated ? ', of which the start is kept' : ''}`,
    Secret: plain(item.secret) || 'none matched',
    Answer: item.status === null ? '–' : `${item.status}${item.took_ms === null ? '' : ` in ${took(item.took_ms)}`}`,
    Code: plain(item.code),
    Note: plain(item.note),
});

export const head = (item) => h('header', {},
    h('h2', { tabindex: -1 }, title(item), ' ', h('span', { class: 'task' }, plain(item.task_id))),
    h('p', { class: `verdict ${item.verdict}` }, h('b', {}, verdict(item)), ' ', item.cause ? reason(item) : plain(item.reason) || reason(item)));

const table = (headers) => h('table', {}, h('tbody', {}, headers.map(([name, value]) =>
    h('tr', {}, h('th', { scope: 'row' }, plain(name)), h('td', {}, plain(value))))));

// One of several views of the same bytes, by radio buttons.
function views(name, makers) {
    const view = h('div');
    const show = (make) => view.replaceChildren(...[make()].flat());
    const choices = Object.entries(makers).map(([label, make], at) => h('label', {},
        h('input', { type: 'radio', name, checked: at === 0, change: () => show(make) }), h('span', {}, label)));
    show(Object.values(makers)[0]);
    return [h('fieldset', {}, h('legend', { class: 'unseen' }, 'Show the body as'), choices), view];
}

const why = ({ title, findings, command: text }) => section('Why', h('div', { class: 'cause' },
    h('p', {}, h('b', {}, plain(title))),
    findings.length > 0 && h('ul', {}, findings.map((finding) => h('li', {}, plain(finding)))),
    text && command(plain(text))));

// Loaded on demand, by the command: this page talks to no other host.
function media(item, { n, url, kind }) {
    const place = h('div', { class: 'media' }, h('p', { class: 'url' }, plain(url)));
    const load = button(`Load the ${kind}`, async () => {
        load.disabled = true;
        try {
            const blob = await (await call(`/api/deliveries/${item.id}/media/${n}`)).blob();
            const src = URL.createObjectURL(blob);
            const shown = blob.type.startsWith('video/') ? h('video', { src, controls: true, 'aria-label': `Video of ${plain(item.task_id)}` })
                : h('img', { src, alt: `Picture of ${plain(item.task_id)}` });
            load.replaceWith(shown);
            place.revoke = () => URL.revokeObjectURL(src);
        } catch (error) {
            place.append(h('p', { role: 'alert' }, `Not loaded: ${plain(error.message)}`));
            load.disabled = false;
        }
    });
    place.append(load);
    return place;
}

// `actions` are buttons that depend on what the page can do.
export function detail(item, actions) {
    const body = fromBase64(item.body_base64);
    const message = item.signed_message_base64 && fromBase64(item.signed_message_base64);
    const saveBody = async () =>
        save(await (await call(`/api/deliveries/${item.id}/body`)).blob(), `delivery-${item.id}.body`);
    const entries = Object.entries(facts(item)).filter(([, value]) => value);
    return [
        head(item),
        h('div', { class: 'actions' }, actions),
        item.cause && why(item.cause),
        h('dl', { class: 'facts' }, entries.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value)))),
        item.media.length > 0 && section('Result', item.media.map((one) => media(item, one))),
        section('Body', h('div', { class: 'body' }, views('body', {
            Formatted: () => formatted(body),
            'Raw bytes': () => raw(body),
            ...(message && { 'Signed message': () => raw(message) }),
        }), h('div', { class: 'actions' }, copyButton('Copy the body', () => toText(body)),
            button('Save the body', saveBody, { class: 'small' })))),
        section('Headers', h('p', { class: 'hint' }, plain(`${item.method} ${item.path}`)), table(item.headers)),
        item.answer && section('Answer', h('p', {}, `Status ${item.answer.status}`), table(item.answer.headers),
            item.answer.body_base64 && formatted(fromBase64(item.answer.body_base64))),
        section('Repeat it', command(plain(item.curl)), command(plain(item.send))),
    ].flat().filter(Boolean);
}
