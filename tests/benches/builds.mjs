// Builds each library cold, as a dependency of an empty package: how many crates and seconds
// it takes, and what each crate under ours takes. Downloads come before. With the versions of
// Cargo.lock, the default dev profile, and no cache of compiled crates.
//
//   node builds.mjs [--json FILE] [ROW…]

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const ours = (name, features = '') =>
  `nano-webhook-${name} = { path = "${here(`../../nano-webhook-${name}`)}", features = [${features}] }`;
const axum = 'axum = "0.8"';
const actix = 'actix-web = "4"';

const ROWS = {
  'nano-webhook-core': [ours('core')],
  standardwebhooks: ['standardwebhooks = "1"'],
  'webhook-verify': ['webhook-verify = { version = "0.1", features = ["http"] }'],
  webhooksmith: ['webhooksmith = { version = "0.2", default-features = false }'],
  hivehook: ['hivehook = "0.1"'],
  'slack-morphism': ['slack-morphism = { version = "2", default-features = false, features = ["signature-verifier"] }'],
  svix: ['svix = "2"'],
  'async-stripe-webhook': ['async-stripe-webhook = "1.0.0-rc.10"'],
  'axum alone': [axum],
  'axum, nano-webhook-axum': [axum, ours('axum')],
  'axum, webhook-verify': [axum, 'webhook-verify = { version = "0.1", features = ["tower"] }'],
  'axum, axum-standardwebhooks': [axum, 'axum-standardwebhooks = "1"'],
  'axum 0.7, webhooksmith-axum': ['axum = "0.7"', 'webhooksmith-axum = "0.2"'],
  'actix-web alone': [actix],
  'actix-web, nano-webhook-actix': [actix, ours('actix')],
  'actix-web, webhook-verify': [actix, 'webhook-verify = { version = "0.1", features = ["actix"] }'],
  'actix-web, actix-web-lab': [actix, 'actix-web-lab = "0.29"'],
  'poem alone': ['poem = "3"'],
  'poem, nano-webhook-poem': ['poem = "3"', ours('poem')],
  'nano-webhook-redis': [ours('redis')],
  'nano-webhook-sqlx, Postgres': [ours('sqlx', '"postgres"')],
  'nano-webhook-sqlx, SQLite': [ours('sqlx', '"sqlite"')],
  'nano-webhook-client': [ours('client')],
};

// What each dependency costs is reported for these.
const IS_OURS = /nano-webhook-(core|axum|actix)/;

const env = { ...process.env, CARGO_TERM_QUIET: 'true' };
for (const name of ['RUSTC_WRAPPER', 'CARGO_TARGET_DIR', 'CARGO_INCREMENTAL', 'CARGO_BUILD_JOBS']) delete env[name];

function build(name) {
  const folder = mkdtempSync(join(tmpdir(), 'build-'));
  const cargo = (...words) => execFileSync('cargo', words, { cwd: folder, env, encoding: 'utf8', maxBuffer: 1 << 26 });
  try {
    mkdirSync(join(folder, 'src'));
    writeFileSync(join(folder, 'src/lib.rs'), '');
    writeFileSync(join(folder, 'Cargo.toml'), [
      '[package]\nname = "empty"\nedition = "2024"\n[workspace]\n[dependencies]', ...ROWS[name], '',
    ].join('\n'));
    copyFileSync(here('Cargo.lock'), join(folder, 'Cargo.lock'));
    cargo('fetch');
    const tree = cargo('tree', '--offline', '--prefix', 'none', '--edges', 'normal,build', '--format', '{p}');
    const packages = new Set(tree.trim().split('\n').map((line) => line.split(' ').slice(0, 2).join(' ')));
    const began = performance.now();
    cargo('build', '--offline', '--timings');
    const seconds = (performance.now() - began) / 1000;
    const each = IS_OURS.test(name) ? { each: dearest(join(folder, 'target')) } : {};
    return { name, crates: packages.size - 1, seconds, ...each };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// Seconds of the dearest crates, from the report of cargo. A crate and its build script count as one.
function dearest(target) {
  const report = readFileSync(join(target, 'cargo-timings/cargo-timing.html'), 'utf8');
  const seconds = {};
  for (const { name, duration } of JSON.parse(/UNIT_DATA = (\[.*?\]);\n/s.exec(report)[1])) {
    seconds[name] = (seconds[name] ?? 0) + duration;
  }
  delete seconds.empty;
  return Object.fromEntries(Object.entries(seconds).sort((one, other) => other[1] - one[1]).slice(0, 15));
}

const words = process.argv.slice(2);
const file = words[0] === '--json' ? words.splice(0, 2)[1] : undefined;
const jobs = availableParallelism();
const results = [];
console.log(`${jobs} cores\ncrates  seconds`);
for (const name of words.length > 0 ? words : Object.keys(ROWS)) {
  const result = build(name);
  console.log(`${String(result.crates).padStart(6)} ${result.seconds.toFixed(1).padStart(8)}  ${name}`);
  results.push(result);
}
for (const { name, each } of results.filter(({ each }) => each)) {
  console.log(`\n${name}: seconds of each crate`);
  for (const [crate, seconds] of Object.entries(each)) {
    console.log(`${seconds.toFixed(1).padStart(8)}  ${crate}`);
  }
}
// A line for each row.
if (file) writeFileSync(file, `{"jobs":${jobs},"results":[\n${results.map((row) => JSON.stringify(row)).join(',\n')}\n]}\n`);
