// 10,000 deliveries at 500 a second: no frame takes longer than 100 ms, and memory is bounded.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { Store } from '../../nano-webhook-inspector/page/store.js';
import { Command, job, open, row } from './kit.mjs';

const COUNT = 10_000;
const PER_SECOND = 500;
const FRAME_MS = 100;
const HEAP_BYTES = 48 * 1024 * 1024;
const NODES = 4_000;
const NEAR_MS = 250;

// A frame that is late while a process that does nothing is late, too, met a busy machine.
const CONTROL = `let last = Date.now();
setInterval(() => {
    const now = Date.now();
    if (now - last > 20) console.log(JSON.stringify([last, now]));
    last = now;
}, 5);`;

const watchFrames = () => {
    globalThis.frames = [];
    new PerformanceObserver((list) => {
        for (const { duration, startTime } of list.getEntries()) frames.push({ duration, begin: performance.timeOrigin + startTime });
    }).observe({ type: 'long-animation-frame' });
};

test('10,000 deliveries at 500 a second, and all at once in a second tab', async (t) => {
    const stalls = [];
    const control = spawn(process.execPath, ['-e', CONTROL], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => control.kill());
    createInterface(control.stdout).on('line', (line) => stalls.push(JSON.parse(line)));
    const isStalled = ({ begin, duration }) => stalls.some(([from, to]) => from < begin + duration + NEAR_MS && to > begin - NEAR_MS);

    const command = await Command.start('--keep', String(COUNT));
    const page = await open(command, { init: watchFrames });
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
    const later = await open(command, { init: watchFrames });
    for (const tab of [page, later]) {
        await tab.bringToFront();
        await tab.locator('#count', { hasText: '10,000' }).waitFor();
        const all = await tab.evaluate(() => globalThis.frames);
        const frames = all.filter((frame) => !isStalled(frame));
        const session = await tab.context().newCDPSession(tab);
        await session.send('HeapProfiler.collectGarbage');
        await session.send('Performance.enable');
        const { metrics } = await session.send('Performance.getMetrics');
        const metric = (name) => metrics.find((one) => one.name === name).value;
        const worst = Math.max(0, ...frames.map((frame) => frame.duration));
        const busy = `${all.length - frames.length} more while the machine was busy`;
        t.diagnostic(`${rate} a second; ${frames.length} frames over 50 ms, the longest ${Math.round(worst)} ms; ${busy}`);
        t.diagnostic(`heap ${Math.round(metric('JSHeapUsedSize') / 1e6)} MB, ${metric('Nodes')} nodes`);
        assert.ok(worst <= FRAME_MS, JSON.stringify(frames));
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
