// Loopback throughput: each adapter verified and unverified, with small and larger
// bodies, and a flood of forgeries. In turns, so that a noisy moment hits all.
//
//   node bench.mjs SERVERS [--seconds 5] [--turns 5] [--json FILE]
//
// SERVERS is the binary of the package beside this one. wrk loads one server at a
// time; what the server's own process costs is read from /proc.

import { execFileSync, spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '5' },
    turns: { type: 'string', default: '5' },
    json: { type: 'string' },
  },
});
const [binary] = positionals;
const secret = randomBytes(16).toString('hex');
const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

const documented = {
  event: 'job.completed',
  task_id: 'task_xxx',
  task_type: 'image',
  status: 'completed',
  data: { url: 'https://cdn.example.com/image.png', credits_charged: 6 },
  timestamp: '2024-12-23T10:00:00Z',
};

function body(size) {
  const small = JSON.stringify(documented);
  const missing = size - JSON.stringify({ prompt: '', ...documented }).length;
  return missing < 0 ? small : JSON.stringify({ prompt: 'x'.repeat(missing), ...documented });
}

// Signed when it is used: within the tolerance, however long the whole run takes.
function script(text, forged) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const key = forged ? 'not the secret' : secret;
  const tag = createHmac('sha256', key).update(`${timestamp}.${text}`).digest('hex');
  return `wrk.method = "POST"
wrk.body = ${JSON.stringify(text)}
wrk.headers["Content-Type"] = "application/json"
wrk.headers["X-Nano-Timestamp"] = "${timestamp}"
wrk.headers["X-Nano-Signature"] = "v1=${tag}"
`;
}

async function start(framework, mode) {
  const child = spawn(binary, [framework, mode, secret], { stdio: ['ignore', 'pipe', 'inherit'] });
  const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  return { child, url: `http://${value}/webhook` };
}

function processorSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}

const directory = mkdtempSync(join(tmpdir(), 'bench-http-'));

function load({ child, url }, text, forged) {
  const file = join(directory, 'request.lua');
  writeFileSync(file, script(text, forged));
  const before = processorSeconds(child.pid);
  const began = process.hrtime.bigint();
  const out = execFileSync('wrk', ['-t1', '-c32', `-d${values.seconds}s`, '--latency', '-s', file, url], {
    encoding: 'utf8',
  });
  const wall = Number(process.hrtime.bigint() - began) / 1e9;
  const processor = processorSeconds(child.pid) - before;
  const requests = Number(/(\d+) requests in/.exec(out)[1]);
  const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(out)?.[1] ?? 0);
  if (refused !== (forged ? requests : 0)) throw new Error(`${refused} of ${requests} were refused`);
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(out)[1]),
    micros: (1e6 * processor) / requests,
    core: processor / wall,
  };
}

const cases = [];
for (const framework of ['axum', 'actix']) {
  for (const size of [200, 16384]) {
    cases.push({ framework, size, name: 'unverified', mode: 'bare', forged: false });
    cases.push({ framework, size, name: 'verified', mode: 'verified', forged: false });
    cases.push({ framework, size, name: 'forged', mode: 'verified', forged: true });
  }
}

const servers = new Map();
try {
  for (const framework of ['axum', 'actix']) {
    for (const mode of ['bare', 'verified']) {
      servers.set(`${framework} ${mode}`, await start(framework, mode));
    }
  }
  for (let turn = 0; turn < Number(values.turns); turn += 1) {
    for (const one of cases) {
      const server = servers.get(`${one.framework} ${one.mode}`);
      (one.turns ??= []).push(load(server, body(one.size), one.forged));
    }
  }
} finally {
  for (const { child } of servers.values()) child.kill();
  rmSync(directory, { recursive: true });
}

const median = (numbers) => numbers.sort((one, other) => one - other)[numbers.length >> 1];
// The best turn is the one that other processes left alone.
const results = cases.map(({ framework, size, name, turns }) => {
  const best = turns.reduce((one, other) => (one.perSecond > other.perSecond ? one : other));
  return {
    framework,
    size,
    name,
    perSecond: best.perSecond,
    core: best.core,
    micros: median(turns.map((turn) => turn.micros)),
  };
});

console.log('framework   bytes  request      best/s   µs of a processor   cores');
for (const { framework, size, name, perSecond, micros, core } of results) {
  console.log(
    `${framework.padEnd(9)} ${String(size).padStart(7)}  ${name.padEnd(11)} ${perSecond.toFixed(0).padStart(7)}` +
      `${micros.toFixed(1).padStart(20)} ${core.toFixed(2).padStart(7)}`,
  );
}
if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
