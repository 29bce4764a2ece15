// The provider's documentation as code: its example payload, its headers and
// its verification snippet. Every signature in the vectors comes from here.

import crypto from 'node:crypto';

export const TIMESTAMP_HEADER = 'X-Nano-Timestamp';
export const SIGNATURE_HEADER = 'X-Nano-Signature';

/** The example payload of the provider's page, key for key. */
export const DOCUMENTED_PAYLOAD = Object.freeze({
  event: 'job.completed',
  task_id: 'task_xxx',
  task_type: 'image',
  status: 'completed',
  data: Object.freeze({
    url: 'https://cdn.example.com/image.png',
    credits_charged: 6,
  }),
  timestamp: '2024-12-23T10:00:00Z',
});

/** The snippet of the provider's page. Only the import is different. */
export function verifySignature(payload, signature, secret, timestamp) {
  const message = `${timestamp}.${JSON.stringify(payload)}`;
  const expectedSig = crypto
    .createHmac('sha256', secret)
    .update(message)
    .digest('hex');
  return `v1=${expectedSig}` === signature;
}

/** What the snippet hashes when a sender posts `JSON.stringify(payload)`:
 * timestamp, dot, body, all of them bytes. */
export function message(timestamp, body) {
  return Buffer.concat([bytes(timestamp), Buffer.from('.'), bytes(body)]);
}

/** 64 lower-case hex digits: HMAC-SHA256 of `signed` under `secret`. */
export function hmacHex(secret, signed, algorithm = 'sha256') {
  return crypto.createHmac(algorithm, secret).update(signed).digest('hex');
}

/** The value of `X-Nano-Signature` for a timestamp and a body. */
export function sign(secret, timestamp, body) {
  return `v1=${hmacHex(secret, message(timestamp, body))}`;
}

/** Text as UTF-8 bytes; bytes as they are. */
export function bytes(value) {
  return typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
}
