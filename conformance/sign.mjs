#!/usr/bin/env node
// Signs a body as the provider does. `--help` says how.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { DOCUMENTED_PAYLOAD, sign, SIGNATURE_HEADER, TIMESTAMP_HEADER } from './lib/documented.mjs';

const HELP = `Usage: NANO_WEBHOOK_SECRET=... node conformance/sign.mjs [OPTIONS] [FILE]

Signs the bytes of FILE (or of standard input) as the provider's page says, and
prints the two headers, one a line, as curl reads them with -H @file.

  --example         sign the documented example payload instead of a file
  --send URL        POST it to URL; print the answer; exit 1 if it is not 2xx
  --timestamp T     this X-Nano-Timestamp instead of the current Unix time
  --reserialized    sign JSON.stringify(JSON.parse(body)), but send the body as
                    it is: what a proxy that prints JSON again makes of a delivery
  --help            this text
`;

class Usage extends Error {}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Usage ? `${error.message}\n\n${HELP}` : describe(error));
  process.exitCode = 2;
}

async function main() {
  const { options, files } = read();
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const secret = process.env.NANO_WEBHOOK_SECRET;
  if (!secret) throw new Usage('NANO_WEBHOOK_SECRET is not set: it is the secret_key of the webhook.');

  const body = options.example ? Buffer.from(JSON.stringify(DOCUMENTED_PAYLOAD)) : readFileSync(files[0] ?? 0);
  const timestamp = options.timestamp ?? String(Math.floor(Date.now() / 1000));
  const signed = options.reserialized ? JSON.stringify(JSON.parse(body.toString('utf8'))) : body;
  const headers = { [TIMESTAMP_HEADER]: timestamp, [SIGNATURE_HEADER]: sign(secret, timestamp, signed) };
  if (options.send === undefined) {
    for (const [name, value] of Object.entries(headers)) console.log(`${name}: ${value}`);
    return 0;
  }
  return send(options.send, headers, body);
}

function read() {
  let parsed;
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: {
        example: { type: 'boolean' },
        send: { type: 'string' },
        timestamp: { type: 'string' },
        reserialized: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new Usage(error.message);
  }
  const { values: options, positionals: files } = parsed;
  if (files.length > (options.example ? 0 : 1)) throw new Usage('One body at a time.');
  return { options, files };
}

async function send(url, headers, body) {
  const answer = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body });
  const text = (await answer.text()).trimEnd();
  console.log(`${answer.status} ${answer.statusText}${text && `\n${text}`}`);
  return answer.ok ? 0 : 1;
}

// fetch says "fetch failed" and keeps what happened to itself.
function describe(error) {
  return error.cause ? `${error.message}: ${error.cause.message || error.cause.code}` : error.message;
}
