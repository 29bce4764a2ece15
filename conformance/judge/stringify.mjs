#!/usr/bin/env node
// Judges bodies: one base64 line in, one line out, in the same order.
//
//   text W10=     the documented snippet hashes this text (base64)
//   <verdict>     it has none that we share; see lib/stringify.mjs

import { createInterface } from 'node:readline';

import { stringify } from './lib/stringify.mjs';

for await (const line of createInterface({ input: process.stdin })) {
  const { verdict, text } = stringify(Buffer.from(line, 'base64'));
  const answer = verdict === 'text' ? `text ${Buffer.from(text, 'utf8').toString('base64')}` : verdict;
  if (!process.stdout.write(`${answer}\n`)) await new Promise((resolve) => process.stdout.once('drain', resolve));
}
