// What the tests share: the command, a browser, deliveries.
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { chromium } from 'playwright-core';

const TARGET = process.env.CARGO_TARGET_DIR ?? join(import.meta.dirname, '../../target');
export const SECRET = 'a-secret-for-this-trial-only';
const WITHIN_MS = 60_000;

// The command inherits no settings, and keeps its state in a folder of its own.
const { PATH } = process.env;

export class Command {
    #folder = mkdtempSync(join(tmpdir(), 'nano-webhook-browser-'));

    static async start(...options) {
        const command = new Command();
        after(() => command.end());
        await command.run('127.0.0.1:0', '127.0.0.1:0', ...options);
        return command;
    }

    async run(addr, ui, ...options) {
        this.options = options;
        await this.#launch('inspector', ['listen', '--addr', addr, '--ui', ui, ...options], (type, url) => {
            this[type === 'inspector' ? 'page' : 'webhook'] = url;
        });
    }

    // A simulator in which this command's webhook can be registered.
    static async simulator() {
        const command = new Command();
        after(() => command.end());
        await command.#launch('listening', ['simulate', '--addr', '127.0.0.1:0'], (type, url) => (command.url = url));
        return command.url;
    }

    // Until the line of this type is printed.
    async #launch(last, args, told) {
        const folders = { HOME: this.#folder, XDG_STATE_HOME: this.#folder, LOCALAPPDATA: this.#folder };
        this.process = spawn(join(TARGET, 'debug/nano-webhook'), [...args, '--json'], {
            env: { PATH, ...folders, NANO_WEBHOOK_SECRET: SECRET },
            cwd: this.#folder,
            stdio: ['ignore', 'pipe', 'inherit'],
        });
        await new Promise((resolve, reject) => {
            this.process.once('exit', (code) => reject(new Error(`the command ended with ${code}`)));
            createInterface(this.process.stdout).on('line', (line) => {
                const { type, url } = JSON.parse(line);
                if (url) told(type, new URL(url));
                if (type === last) resolve();
            });
        });
    }

    async kill() {
        this.process.kill('SIGKILL');
        await once(this.process, 'exit');
    }

    // At the same addresses, with the same options.
    restart() {
        return this.run(this.webhook.host, this.page.host, ...this.options);
    }

    end() {
        this.process.kill('SIGKILL');
        rmSync(this.#folder, { recursive: true, force: true });
    }

    // Posts a body, and resolves to the status. `signed` is signed in its place.
    async deliver(body, { signed = body, headers = {} } = {}) {
        const timestamp = String(Math.floor(Date.now() / 1000));
        const mac = createHmac('sha256', SECRET).update(`${timestamp}.`).update(signed).digest('hex');
        const all = { 'Content-Type': 'application/json', 'X-Nano-Timestamp': timestamp, 'X-Nano-Signature': `v1=${mac}` };
        const posted = request(this.webhook, { method: 'POST', headers: { ...all, ...headers }, agent });
        posted.end(body);
        const [answer] = await once(posted, 'response');
        answer.resume();
        await once(answer, 'end');
        return answer.statusCode;
    }
}

const agent = new Agent({ keepAlive: true, maxSockets: 16 });

export function job(task_id, { event = 'job.completed', ...more } = {}) {
    const data = event === 'job.failed' ? { error: 'out of memory' }
        : { url: `https://cdn.example.com/${task_id}.png`, credits_charged: 6 };
    const status = event.replace('job.', '');
    return JSON.stringify({ event, task_id, task_type: 'image', status, data, timestamp: '2024-12-23T10:00:00Z', ...more });
}

const places = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'];
const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? places.find(existsSync), args: sandbox });
after(() => browser.close());

// A tab that shows the inspector. `faults` collects what a sound page never does: errors,
// dialogs, frames, and requests to another host.
export async function open(command, { context, ...options } = {}) {
    context ??= await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(WITHIN_MS);
    page.faults = [];
    const fault = (text) => page.faults.push(text);
    page.on('pageerror', (error) => fault(`error: ${error.stack}`));
    page.on('console', (message) => message.text().includes('Content Security Policy') && fault(message.text()));
    page.on('dialog', (dialog) => (fault(`dialog: ${dialog.message()}`), dialog.dismiss()));
    page.on('frameattached', (frame) => fault(`frame: ${frame.url()}`));
    page.on('request', (request) => {
        const url = request.url();
        if (!url.startsWith(`${command.page.origin}/`) && !url.startsWith(`blob:${command.page.origin}/`)) fault(`request: ${url}`);
    });
    await page.goto(command.page.href);
    await page.locator('#state.live').waitFor();
    return page;
}

export const row = (page, text) => page.locator('.row', { hasText: text }).first();
