// Compares counted instructions with the expected ones, or, with --update, writes
// them. Each line of the counts is a number, a space, and the name of a path.

import { readFileSync, writeFileSync } from 'node:fs';

const EXPECTED = new URL('expected.json', import.meta.url);

const [file, option] = process.argv.slice(2);
const counted = Object.fromEntries(
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => [line.slice(line.indexOf(' ') + 1), Number.parseInt(line, 10)]),
);

const expected = JSON.parse(readFileSync(EXPECTED, 'utf8'));
if (option === '--update') {
  expected.instructions = counted;
  writeFileSync(EXPECTED, `${JSON.stringify(expected, null, 2)}\n`);
}

const { tolerance, tolerance_actix: wide, instructions } = expected;
let grown = 0;
let shrunk = 0;
for (const path of new Set([...Object.keys(instructions), ...Object.keys(counted)])) {
  const before = instructions[path];
  const now = counted[path];
  const change = now / before - 1;
  // actix hashes header names with a random seed.
  const allowed = path.startsWith('actix') ? wide : tolerance;
  if (!(now > 0) || !(change <= allowed)) grown += 1;
  if (change < -allowed) shrunk += 1;
  const percent = `${change < 0 ? '' : '+'}${(100 * change).toFixed(1)} %`;
  console.log(`${path.padEnd(30)} ${String(now).padStart(8)} ${percent.padStart(10)}`);
}

if (shrunk > 0) console.log(`${shrunk} took fewer instructions: scripts/instructions --update`);
if (grown > 0) {
  console.error(`${grown} took more instructions than expected, or were not counted.`);
  console.error('If there is a reason, or the toolchain is new: scripts/instructions --update');
  process.exit(1);
}
