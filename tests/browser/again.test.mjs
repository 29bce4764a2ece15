// The command restarts, a second tab is open, a delivery is sent again, a file is saved.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Command, job, open, row, SECRET } from './kit.mjs';

test('the page connects again after the command restarts, and shows what was saved', async () => {
    const command = await Command.start('--save', 'saved');
    await command.deliver(job('task_1'));
    const page = await open(command);
    await row(page, 'task_1').click();
    await page.locator('#detail .facts').waitFor();
    await command.kill();
    await page.locator('#state', { hasText: 'Disconnected' }).waitFor();
    await command.restart();
    await page.locator('#state.live').waitFor();
    await command.deliver(job('task_2'));
    await row(page, 'task_2').click();
    await row(page, 'task_1').click();
    await page.locator('#detail h2', { hasText: 'task_1' }).waitFor();
    assert.deepEqual(page.faults, []);
});

test('without saved deliveries a restart empties the list', async () => {
    const command = await Command.start();
    await command.deliver(job('task_1'));
    const page = await open(command);
    await row(page, 'task_1').waitFor();
    await command.kill();
    await command.restart();
    await page.getByText('No deliveries yet').waitFor();
});

test('two tabs show the same, each with its own selection', async () => {
    const command = await Command.start();
    await command.deliver(job('task_1'));
    const first = await open(command);
    const second = await open(command, { context: first.context() });
    await row(first, 'task_1').click();
    await command.deliver(job('task_2'));
    for (const page of [first, second]) await row(page, 'task_2').waitFor();
    assert.equal(await first.locator('[aria-selected=true]').count(), 1);
    assert.equal(await second.locator('[aria-selected=true]').count(), 0);
});

test('sends again: as captured, signed anew, edited, and a test event', async () => {
    const command = await Command.start();
    await command.deliver(job('task_1'), { signed: 'another body' });
    const page = await open(command);
    await row(page, 'task_1').click();
    const press = (name) => page.getByRole('button', { name, exact: true }).click();
    const last = async (text) => page.locator('.row').first().filter({ hasText: text }).waitFor();
    await press('Send again');
    await last(/#2/);
    await last(/Rejected/);
    await press('Sign anew and send');
    await last(/Accepted.*#3/);
    await press('Edit…');
    await page.getByLabel('Body').fill(job('task_é', { event: 'job.failed' }));
    await press('Send');
    await last(/job\.failed task_é.*Accepted/);
    await page.locator('#open-test').click();
    await page.getByLabel('Event', { exact: true }).fill('credits.low');
    await press('Send');
    await last(/credits\.low/);
    assert.deepEqual(page.faults, []);
});

test('ends a job in the simulator', async () => {
    const simulator = await Command.simulator();
    const command = await Command.start('--simulator', simulator.origin);
    const page = await open(command);
    const end = async (answer) => {
        await page.locator('#open-test').click();
        await page.getByRole('button', { name: 'End a job in the simulator' }).click();
        await page.locator('#notice', { hasText: answer }).waitFor();
    };
    await end('no active webhook subscribes');
    const webhook = { url: command.webhook, events: ['job.completed'], secret_key: SECRET };
    await fetch(new URL('/api/v1/webhooks', simulator), { method: 'POST', body: JSON.stringify(webhook), headers: { 'Content-Type': 'application/json' } });
    await end('deliveries: 1');
    await row(page, 'Accepted').waitFor();
    assert.deepEqual(page.faults, []);
});

test('exports what the filter shows', async () => {
    const command = await Command.start();
    for (const task of ['task_1', 'task_2', 'task_3']) await command.deliver(job(task));
    const page = await open(command);
    await row(page, 'task_2').waitFor();
    await page.fill('#text', 'task_2');
    await page.waitForFunction(() => document.querySelectorAll('.row').length === 1);
    for (const [format, check] of [
        ['har', (text) => assert.equal(JSON.parse(text).log.entries.length, 1)],
        ['ndjson', (text) => assert.equal(JSON.parse(text).task_id, 'task_2')],
        ['vectors', (text) => assert.ok(text.includes('task_2') && !text.includes('task_1'))],
    ]) {
        await page.locator('#open-export').click();
        await page.selectOption('#format', format);
        const saved = page.waitForEvent('download');
        await page.getByRole('button', { name: 'Save', exact: true }).click();
        check(readFileSync(await (await saved).path(), 'utf8'));
    }
    assert.deepEqual(page.faults, []);
});
