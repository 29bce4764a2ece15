#!/usr/bin/env node
// Makes the vectors. No clock, no randomness, nothing but Node: the same files
// on every machine.
//
//   node conformance/generate.mjs           writes conformance/vectors/*.json
//   node conformance/generate.mjs --check   writes nothing; exits 1 if a file
//                                           is not what would be written

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { crosscheck } from './lib/crosscheck.mjs';
import { GROUPS } from './lib/groups/index.mjs';
import { validate } from './lib/validate.mjs';

const DIRECTORY = new URL('./vectors/', import.meta.url);

const { values: { check } } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

const groups = GROUPS.map(([name, deliveries]) => [name, deliveries.map(({ vector }) => vector)]);
validate(groups);
const judged = crosscheck(GROUPS.flatMap(([, deliveries]) => deliveries));

const files = new Map(groups.map(([name, vectors]) => [`${name}.json`, print(vectors)]));
for (const [index, text] of [...files.values()].entries()) {
  if (JSON.stringify(JSON.parse(text)) !== JSON.stringify(groups[index][1])) throw new Error('printing lost something');
}

if (check) {
  const differing = compare();
  for (const line of differing) console.error(line);
  if (differing.length > 0) {
    console.error('conformance/vectors is not what conformance/generate.mjs makes; run it and commit the result');
    process.exitCode = 1;
  }
} else {
  mkdirSync(DIRECTORY, { recursive: true });
  for (const [file, text] of files) writeFileSync(new URL(file, DIRECTORY), text);
}

for (const [name, vectors] of groups) console.log(`${String(vectors.length).padStart(5)}  ${name}.json`);
const total = groups.reduce((sum, [, vectors]) => sum + vectors.length, 0);
console.log(`${String(total).padStart(5)}  in all; ${judged} judged by the documented function`);

/** One vector per line, ASCII only, so that no editor can normalise a secret. */
function print(vectors) {
  const lines = vectors.map((vector) => JSON.stringify(vector).replace(/[^\x20-\x7e]/g, escape));
  return `[\n${lines.join(',\n')}\n]\n`;
}

function escape(unit) {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function compare() {
  const present = (existsSync(DIRECTORY) ? readdirSync(DIRECTORY) : []).filter((file) => file.endsWith('.json'));
  const stray = present.filter((file) => !files.has(file)).map((file) => `not made by the script: ${file}`);
  const wrong = [...files].flatMap(([file, text]) => {
    if (!present.includes(file)) return [`missing: ${file}`];
    return readFileSync(new URL(file, DIRECTORY), 'utf8') === text ? [] : [`differs: ${file} (${fileURLToPath(new URL(file, DIRECTORY))})`];
  });
  return [...stray, ...wrong];
}
