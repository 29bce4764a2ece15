// The pictures of docs/guide/inspector.md.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Command, job, open, row } from './kit.mjs';

const FOLDER = join(import.meta.dirname, '../../docs/guide/images');
mkdirSync(FOLDER, { recursive: true });
async function save(page, name) {
    await page.locator('#counts', { hasText: '12 received' }).waitFor();
    await page.screenshot({ path: join(FOLDER, `inspector-${name}.png`) });
}

const TASKS = ['5f2c9d', '81ab40', 'c3d7e2', '9e014b', '2ab6f8', '77c1d0', 'e84f3a', '40d92c'];

async function filled() {
    const command = await Command.start();
    for (const [at, task] of TASKS.entries())
        await command.deliver(job(`task_${task}`, { event: at % 3 === 2 ? 'job.failed' : 'job.completed' }));
    await command.deliver(job(`task_${TASKS[6]}`));
    const sent = job('task_b7e615');
    await command.deliver(sent);
    await command.deliver(JSON.stringify(JSON.parse(sent), null, 2), { signed: sent });
    await command.deliver(job('task_06fd83'));
    return command;
}

const desktop = { viewport: { width: 1100, height: 680 } };

test('rejected, light', async () => {
    const page = await open(await filled(), desktop);
    await row(page, 'Rejected').click();
    await page.locator('.cause').waitFor();
    await save(page, 'rejected');
    await page.keyboard.press('c');
    await page.keyboard.press('j');
    await page.locator('.compared').waitFor();
    await save(page, 'compared');
});

test('a picture, dark', async () => {
    const page = await open(await filled(), { ...desktop, colorScheme: 'dark' });
    // No public host takes part: the answer to the click is a picture of this page's icon.
    const picture = await page.locator('h1 img').evaluate((icon) => {
        const canvas = Object.assign(document.createElement('canvas'), { width: 480, height: 270 });
        const draw = canvas.getContext('2d');
        const sky = draw.createLinearGradient(0, 0, 480, 270);
        sky.addColorStop(0, '#27348b'), sky.addColorStop(0.6, '#d9667b'), sky.addColorStop(1, '#f6c667');
        draw.fillStyle = sky;
        draw.fillRect(0, 0, 480, 270);
        draw.drawImage(icon, 208, 103, 64, 64);
        return canvas.toDataURL('image/png').split(',')[1];
    });
    await page.route('**/media/0', (route) => route.fulfill({ contentType: 'image/png', body: Buffer.from(picture, 'base64') }));
    await row(page, 'task_06fd83').click();
    await page.getByRole('button', { name: 'Load the image' }).click();
    await page.locator('.media img').evaluate((image) => image.decode());
    await save(page, 'picture');
});

test('a phone', async () => {
    const page = await open(await filled(), { viewport: { width: 390, height: 700 } });
    await row(page, 'Rejected').waitFor();
    await save(page, 'phone');
});
