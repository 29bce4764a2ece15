#!/usr/bin/env node
// Judges deliveries with the documented function: one JSON object on each line
// in, one out, in the same order.
//
// In:
//   secrets     the receiver's secrets, each a string
//   timestamps  the values of X-Nano-Timestamp, as Node's `http` decodes them
//   signatures  the values of X-Nano-Signature
//   body        the request's body, base64
//   wantText    whether the answer should have `text`
//
// Out:
//   raw           for each secret: is the signature that of the body's bytes? It is
//                 what the function says if the body is the text it stringifies.
//   reserialized  for each secret: what the function says of the payload that a
//                 receiver gets from the body with JSON.parse
//   textLength    the bytes of JSON.stringify(payload); null if JSON.parse or
//                 JSON.stringify throws
//   text          that text, base64, if it was asked for

import { createInterface } from 'node:readline';

import { sign, verifySignature } from '../lib/documented.mjs';

/** Node's `http` joins the lines of a repeated header, and gives `undefined`
 * for one that is not there. */
function header(values) {
  return values.length === 0 ? undefined : values.join(', ');
}

function judge({ secrets = [], timestamps = [], signatures = [], body, wantText = false }) {
  const bytes = Buffer.from(body, 'base64');
  const timestamp = header(timestamps);
  const signature = header(signatures);

  let payload;
  let text = null;
  try {
    payload = JSON.parse(bytes.toString('utf8'));
    text = Buffer.from(JSON.stringify(payload), 'utf8');
  } catch (error) {
    // A receiver that cannot parse has nothing to verify. RangeError: V8 ran out
    // of stack.
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
  }
  return {
    raw: secrets.map((secret) => sign(secret, `${timestamp}`, bytes) === signature),
    reserialized: secrets.map(
      (secret) => text !== null && verifySignature(payload, signature, secret, timestamp),
    ),
    textLength: text === null ? null : text.length,
    ...(wantText && { text: text === null ? null : text.toString('base64') }),
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = `${JSON.stringify(judge(JSON.parse(line)))}\n`;
  if (!process.stdout.write(answer)) {
    await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
}
