// Sends again, sends and triggers test events, exports. The command does all of it.
import { call } from './api.js';
import { fromBase64, plain, toBase64, toBytes, toText } from './bytes.js';
import { $, ask, notice, save } from './dom.js';
import { took } from './words.js';

async function post(path, body) {
    notice('Sending…');
    try {
        const { status, took_ms: ms, deliveries } = await (await call(path, { body })).json();
        notice(path === '/api/send' ? `Answered ${status} in ${took(ms)}`
            : deliveries ? `The job ended, deliveries: ${deliveries}` : 'The job ended, and no active webhook subscribes to its event');
    } catch (error) {
        notice(`Not sent: ${plain(error.message)}`);
    }
}

export const sendAgain = (item, mode) => post('/api/send', { like: item.id, mode });

export async function edit(item) {
    const original = fromBase64(item.body_base64);
    // A text field would change these bytes, and the signature with them.
    const fixed = toBase64(toBytes(toText(original))) !== item.body_base64 || toText(original).includes('\r') || item.body_truncated;
    $('edit-title').textContent = `Edit #${item.id} and send it`;
    $('edit-body').value = toText(original);
    $('edit-body').disabled = fixed;
    $('edit-why').textContent = fixed ? 'This body has bytes that a text field would change. It is sent as captured.' : '';
    $('edit-sign').onchange = () => ($('edit-headers').disabled = $('edit-sign').checked);
    $('edit-sign').onchange();
    $('edit-headers').value = item.headers.map((pair) => pair.join(': ')).join('\n');
    if ((await ask($('edit'))) !== 'send') return;
    const lines = $('edit-headers').value.split('\n').filter((line) => line.includes(':'));
    await post('/api/send', {
        like: item.id,
        mode: $('edit-sign').checked ? 'signed' : 'edited',
        body_base64: fixed ? item.body_base64 : toBase64(toBytes($('edit-body').value)),
        headers: lines.map((line) => line.split(/:(.*)/s).slice(0, 2).map((part) => part.trim())),
    });
}

export async function test({ simulator, send_to: to }) {
    $('test').querySelector('.to').textContent = to;
    $('trigger').hidden = !simulator;
    const choice = await ask($('test'));
    const event = $('test-event').value;
    if (choice) await post(choice === 'send' ? '/api/send' : '/api/trigger', { event });
}

export async function exportFile(store, selected) {
    const { shown } = store;
    $('scope').replaceChildren(new Option(`All that the filter shows (${shown.length})`, ''));
    if (selected) $('scope').append(new Option(`Only #${selected}`, selected));
    if ((await ask($('export'))) !== 'save') return;
    const format = $('format').value;
    const ids = $('scope').value || (shown.length < store.items.length ? shown.map(({ id }) => id).join() : '');
    try {
        const file = await (await call(`/api/export?format=${format}${ids && `&ids=${ids}`}`)).blob();
        save(file, `deliveries.${format === 'vectors' ? 'json' : format}`);
    } catch (error) {
        notice(`Not exported: ${plain(error.message)}`);
    }
}
