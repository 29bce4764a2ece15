// Whatever a delivery contains stays text.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command, job, open, row } from './kit.mjs';

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=';

const run = 'globalThis.ran=1;alert(1)';
const INJECTIONS = [
    `<script>${run}</script>`,
    `<img src=x onerror="${run}">`,
    `"><svg onload=${run}>`,
    `'"--></style></textarea></title><iframe srcdoc="<script>parent.ran=1</script>">`,
    `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=${run}&gt;">`,
    `<link rel=stylesheet href=//example.com/x.css><base href=//example.com/>`,
    `<video src=//example.com/x.mp4 autoplay></video><object data=//example.com/></object>`,
    `<meta http-equiv=refresh content="0;url=//example.com/">`,
    `<form action=//example.com/><input autofocus onfocus=${run}>`,
    `<template><a href=javascript:${run}>x</a></template>`,
    'javascript:globalThis.ran=1',
    '{{constructor.constructor("globalThis.ran=1")()}} ${globalThis.ran=1} #{7*7}',
    '__proto__', 'constructor', 'toString',
    '%3Cscript%3EglobalThis.ran=1%3C/script%3E &lt;script&gt;globalThis.ran=1&lt;/script&gt;',
    '\u2028globalThis.ran=1\u2029',
];

// As the page shows what has no glyph.
const plain = (text) => text.replace(/[\u2028\u2029]/g, (one) => `U+${one.codePointAt(0).toString(16)}`);

const VIEWS = ['Raw bytes', 'Signed message', 'Formatted'];

test('a corpus of injections stays text, in each place that shows one', async () => {
    const command = await Command.start();
    const page = await open(command);
    for (const [at, text] of INJECTIONS.entries()) {
        // As event, task, name, value, type of a header and address of a picture; as a body
        // that is no JSON; and with a wrong signature.
        const url = `https://cdn.example.com/${text}`;
        await command.deliver(job(text, { event: 'job.completed', data: { url }, [text]: text, error: text }));
        await command.deliver(job(text, { event: text }), { headers: { 'X-Text': encodeURI(text), 'Content-Type': `text/html; x="${encodeURI(text)}"` } });
        await command.deliver(text, { signed: 'another body' });
        const last = 3 * (at + 1);
        await row(page, `#${last}`).waitFor();
        for (const id of [last, last - 1, last - 2]) {
            await page.locator(`#d${id}`).click();
            await page.locator('#detail[aria-busy=false] .facts').waitFor();
            const body = page.locator('#detail .body');
            const sent = id === last ? text : JSON.stringify(text).slice(1, -1);
            for (const view of VIEWS) {
                await body.getByText(view, { exact: true }).click();
                const shown = (await body.locator('pre').innerText()).replaceAll('·', ' ');
                assert.ok(shown.includes(plain(sent)), `${view} of #${id}: ${shown}`);
            }
        }
        await page.keyboard.press('c');
        await page.locator(`#d${last}`).click();
        await page.locator('#detail .compared').waitFor();
        await page.keyboard.press('Escape');
    }
    assert.equal(await page.locator('#detail :is(script, iframe, object, form, link, a, style, svg, video, img)').count(), 0);
    assert.equal(await page.locator('.row :not(span, b)').count(), 0);
    assert.equal(await page.evaluate(() => globalThis.ran), undefined);
    assert.equal(page.url(), command.page.href);
    assert.deepEqual(page.faults, []);
});

test('invisible characters and bytes that are not UTF-8 are shown', async () => {
    const command = await Command.start();
    const page = await open(command);
    const hidden = { '\u202e': 'U+202E', '\u200b': 'U+200B', '\ufeff': 'U+FEFF', '\u00a0': 'U+00A0', '\u2066': 'U+2066', '\u00ad': 'U+00AD', '\u{e0041}': 'U+E0041', '\u2800': 'U+2800', '\u115f': 'U+115F' };
    await command.deliver(job(`task_${Object.keys(hidden).join('')}`));
    await row(page, '#1').click();
    for (const place of ['.row .task', '#detail h2', '#detail .body'])
        for (const shown of Object.values(hidden)) await page.locator(place, { hasText: shown }).waitFor();

    await command.deliver(Buffer.from([0x7b, 0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0x09, 0x0d, 0x0a, 0x00, 0x20, 0x7d]));
    await row(page, '#2').click();
    await page.locator('#detail .body', { hasText: '{\\xff\\xc3(\\xed\\xa0\\x80→␍↵' }).waitFor();
    await page.locator('#detail .body', { hasText: '␀·}' }).waitFor();
    assert.deepEqual(page.faults, []);
});

test('a picture is loaded when it is asked for, through the command', async () => {
    const command = await Command.start();
    await command.deliver(job('task_1'));
    const page = await open(command);
    let asked = 0;
    await page.route('**/api/deliveries/1/media/0', (route) => {
        asked++;
        const answer = asked === 1 ? { status: 415, contentType: 'application/problem+json', body: '{"detail":"not a picture"}' }
            : { contentType: 'image/png', body: Buffer.from(PIXEL, 'base64') };
        return route.fulfill(answer);
    });
    await row(page, 'task_1').click();
    const load = page.getByRole('button', { name: 'Load the image' });
    await load.waitFor();
    assert.equal(asked, 0);
    await load.click();
    await page.getByRole('alert').filter({ hasText: 'not a picture' }).waitFor();
    await load.click();
    const picture = page.getByRole('img', { name: 'Picture of task_1' });
    await picture.waitFor();
    assert.ok((await picture.getAttribute('src')).startsWith('blob:'));
    assert.ok(await picture.evaluate((image) => image.decode().then(() => image.naturalWidth === 1)));
    assert.deepEqual(page.faults, []);
});

test('without the token the page shows nothing', async () => {
    const command = await Command.start();
    await command.deliver(job('task_1'));
    const page = await open(command);
    await page.goto(`${command.page.origin}/#${'0'.repeat(64)}`);
    await page.locator('#state.refused').waitFor();
    assert.equal(await page.locator('.row').count(), 0);
});
