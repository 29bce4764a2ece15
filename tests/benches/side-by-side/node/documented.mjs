// The check of the provider's page, timed. A number in: verify that often. A line
// out: how many nanoseconds that took.
//
//   node documented.mjs SECRET BODY
//
// What the page calls the payload is parsed already: that is part of it.

import { createHmac } from 'node:crypto';
import { createInterface } from 'node:readline';

const [secret, body] = process.argv.slice(2);
const timestamp = String(Math.floor(Date.now() / 1000));

function verify(payload, signature, time) {
  const message = `${time}.${JSON.stringify(payload)}`;
  const expected = `v1=${createHmac('sha256', secret).update(message).digest('hex')}`;
  return signature === expected;
}

const signature = `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;

for await (const line of createInterface({ input: process.stdin })) {
  const times = Number(line);
  let right = 0;
  const start = process.hrtime.bigint();
  for (let time = 0; time < times; time += 1) {
    if (verify(JSON.parse(body), signature, timestamp)) right += 1;
  }
  const took = process.hrtime.bigint() - start;
  if (right !== times) throw new Error('the snippet refuses its own signature');
  console.log(String(took));
}
