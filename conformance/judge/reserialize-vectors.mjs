#!/usr/bin/env node
// Makes ../reserialize.json: bodies, and the text that the documented snippet
// hashes for each.
//
//   node conformance/judge/reserialize-vectors.mjs           writes it
//   node conformance/judge/reserialize-vectors.mjs --check   writes nothing;
//                                                            exits 1 if it differs

import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { CASES } from './lib/reserialize-cases.mjs';
import { vector } from './lib/stringify.mjs';

const FILE = new URL('../reserialize.json', import.meta.url);

const { values: { check } } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

const names = new Set(CASES.map(([name]) => name));
if (names.size !== CASES.length) throw new Error('a name is given twice');

const lines = CASES.map(([name, body]) => {
  const input = Buffer.isBuffer(body) ? body : Buffer.from(body, 'utf8');
  return `  ${JSON.stringify(vector(name, input))}`;
});
const made = `[\n${lines.join(',\n')}\n]\n`;

if (!check) {
  writeFileSync(FILE, made);
} else if (readFileSync(FILE, 'utf8') !== made) {
  console.error('conformance/reserialize.json is not what reserialize-vectors.mjs makes; run it and commit the result');
  process.exitCode = 1;
}
console.log(`${CASES.length} cases`);
