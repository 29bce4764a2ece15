// 10,000 deliveries at 500 a second: no task of the page works for longer than 100 ms, and
// memory is bounded. Work is counted in processor time, so a busy machine changes nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Store } from '../../nano-webhook-inspector/page/store.js';
import { Command, job, open, row } from './kit.mjs';

const COUNT = 10_000;
const PER_SECOND = 500;
const TASK_MS = 100;
const HEAP_BYTES = 48 * 1024 * 1024;
const NODES = 4_000;

// What each task of the tabs took of a processor, in ms. Chromium has pages of its own, too.
async function tasks(browser, tabs) {
    for (const tab of tabs) await tab.evaluate(() => performance.mark('inspector'));
    const { traceEvents } = JSON.parse(await browser.stopTracing());
    const thread = ({ pid, tid }) => `${pid}/${tid}`;
    const ours = new Set(traceEvents.filter(({ name }) => name === 'inspector').map(thread));
    return traceEvents.filter((event) => event.tdur && ours.has(thread(event))).map(({ tdur }) => tdur / 1000);
}

test('10,000 deliveries at 500 a second, and all at once in a second tab', async (t) => {
    const command = await Command.start('--keep', String(COUNT));
    const page = await open(command);
    const browser = page.context().browser();
    await browser.startTracing(page, { categories: ['toplevel', 'blink.user_timing'] });
    const begin = performance.now();
    const pending = new Set();
    for (let at = 0; at < COUNT; ) {
        const due = Math.min(COUNT, Math.ceil(((performance.now() - begin) / 1000) * PER_SECOND));
        for (; at < due; at++) {
            const wrong = at % 50 === 0 ? { signed: 'another body' } : {};
            const one = command.deliver(job(`task_${at}`), wrong).finally(() => pending.delete(one));
            pending.add(one);
            // A reader uses the page meanwhile.
            if (at % 1000 === 0) await page.keyboard.press('j');
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await Promise.all(pending);
    const rate = Math.round(COUNT / ((performance.now() - begin) / 1000));
    const tabs = [page, await open(command)];
    for (const tab of tabs) {
        await tab.bringToFront();
        await tab.locator('#count', { hasText: '10,000' }).waitFor();
    }
    const work = await tasks(browser, tabs);
    const worst = work.reduce((most, one) => Math.max(most, one));
    t.diagnostic(`${rate} a second; ${work.length} tasks, the longest ${Math.round(worst)} ms of a processor`);
    assert.ok(work.length > COUNT / 10 && worst <= TASK_MS);
    for (const tab of tabs) {
        const session = await tab.context().newCDPSession(tab);
        await session.send('HeapProfiler.collectGarbage');
        await session.send('Performance.enable');
        const { metrics } = await session.send('Performance.getMetrics');
        const metric = (name) => metrics.find((one) => one.name === name).value;
        t.diagnostic(`heap ${Math.round(metric('JSHeapUsedSize') / 1e6)} MB, ${metric('Nodes')} nodes`);
        assert.ok(metric('JSHeapUsedSize') < HEAP_BYTES);
        assert.ok(metric('Nodes') < NODES);
        await tab.fill('#text', 'task_9999');
        await row(tab, 'task_9999').waitFor();
        assert.deepEqual(tab.faults, []);
    }
});

test('the page keeps the newest 10,000', () => {
    const store = new Store();
    for (let id = 1; id <= 30_000; id++) store.add({ id, verdict: 'accepted', event: `event_${id}`, size: 1, status: 200, took_ms: 1, age_s: 1 });
    assert.ok(store.items.length <= 10_500 && store.events.size <= 100);
    assert.equal(store.shown[0].id, 30_000);
});
