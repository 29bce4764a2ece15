// Builds one vector. A case says only what is special about it; all else is
// the documented payload, signed properly and received at once.

import { bytes, DOCUMENTED_PAYLOAD, sign, SIGNATURE_HEADER, TIMESTAMP_HEADER } from './documented.mjs';

export const SECRET = 'a-secret-made-only-for-these-vectors';
export const PREVIOUS = 'the-secret-that-was-used-before-it';
export const OLDEST = 'and-the-one-that-was-used-long-ago';

/** 2024-12-23T10:00:00Z, the time in the documented payload. */
export const TIMESTAMP = '1734948000';
export const NOW = 1_734_948_000_000;

export const DOCUMENTED_BODY = JSON.stringify(DOCUMENTED_PAYLOAD);

export const STATUS = Object.freeze({
  duplicate_header: 400,
  missing_header: 401,
  malformed_timestamp: 400,
  malformed_signature: 400,
  timestamp_out_of_tolerance: 401,
  unsupported_content_encoding: 415,
  body_too_large: 413,
  signature_mismatch: 401,
  invalid_event: 422,
});

/**
 * @param {object} spec
 * @param {string} spec.name      unique, kebab-case
 * @param {string} [spec.note]    why it exists
 * @param {string[]} [spec.secrets]
 * @param {object} [spec.options]
 * @param {number} [spec.now]     the receiver's clock, Unix milliseconds
 * @param {string|Buffer} [spec.timestamp]  the header as sent
 * @param {string|Buffer} [spec.body]       the body as sent
 * @param {object} [spec.signed]  what the sender signed, where it is not what
 *                                was sent: `secret`, `timestamp`, `body`
 * @param {string|Buffer} [spec.signature]  the header, where it is not `v1=` + MAC
 * @param {(timestamp, signature) => Array} [spec.headers]  all headers, where
 *                                they are not these two
 * @param {Array} [spec.extra]    headers after these two
 * @param {'direct'} [spec.transport]
 * @param {object} spec.expect    from `accept` or `refuse`
 * @param {string} [spec.claim]   see crosscheck.mjs
 */
export function delivery(spec) {
  const known = ['name', 'note', 'secrets', 'options', 'now', 'timestamp', 'body', 'signed', 'signature', 'headers',
    'extra', 'transport', 'expect', 'claim'];
  for (const key of Object.keys(spec)) {
    if (!known.includes(key)) throw new Error(`${spec.name}: no such setting: ${key}`);
  }
  const { name, note, options, transport, claim, secrets = [SECRET], now = NOW, timestamp = TIMESTAMP,
    body = DOCUMENTED_BODY, signed = {}, extra = [] } = spec;
  const mac = sign(signed.secret ?? secrets[0], signed.timestamp ?? timestamp, signed.body ?? body);
  const signature = spec.signature ?? mac;
  const headers = spec.headers?.(timestamp, signature)
    ?? [[TIMESTAMP_HEADER, timestamp], [SIGNATURE_HEADER, signature], ...extra];
  const expect = spec.expect.status === 200 ? withTime(spec, timestamp) : spec.expect;
  const vector = {
    name,
    ...(note && { note }),
    ...(transport && { transport }),
    secrets,
    ...(options && { options }),
    now_ms: now,
    headers: headers.map(([header, value]) => [header, headerValue(value)]),
    body: bytes(body).toString('base64'),
    expect,
  };
  return { vector, claim };
}

/** The delivery reaches the handler as `event`. `secret` is the index of the
 * secret that matched; `signedAt` may be left out for the default timestamp;
 * `signedBody` is given where it is not the body that was sent. */
export function accept(event, { secret = 0, signedAt, signedBody } = {}) {
  return {
    status: 200,
    event,
    secret,
    signed_at_ms: signedAt,
    ...(signedBody !== undefined && { signed_body: bytes(signedBody).toString('base64') }),
  };
}

/** The delivery is refused with this code and the status that goes with it. */
export function refuse(code) {
  const status = STATUS[code];
  if (status === undefined) throw new Error(`no such code: ${code}`);
  return { status, code };
}

/** The documented payload with other fields; `undefined` takes a field away. */
export function payload(fields = {}, data = {}) {
  return { ...DOCUMENTED_PAYLOAD, data: { ...DOCUMENTED_PAYLOAD.data, ...data }, ...fields };
}

/** The event of a completed job, with the documented payload's values. */
export function completed(fields = {}) {
  return {
    type: 'completed',
    task_id: 'task_xxx',
    task_type: 'image',
    status: 'completed',
    url: 'https://cdn.example.com/image.png',
    credits_charged: 6,
    timestamp: '2024-12-23T10:00:00Z',
    ...fields,
  };
}

export function failed(fields = {}) {
  return {
    type: 'failed',
    task_id: 'task_yyy',
    task_type: null,
    status: null,
    reason: null,
    code: null,
    credits_charged: null,
    timestamp: null,
    ...fields,
  };
}

export function unknown(event, taskId = null) {
  return { type: 'unknown', event, task_id: taskId };
}

// The time is never computed from another timestamp: a case that has one says
// what it means.
function withTime(spec, timestamp) {
  if (spec.expect.signed_at_ms !== undefined) return spec.expect;
  if (timestamp !== TIMESTAMP) throw new Error(`${spec.name}: signedAt is missing`);
  return { ...spec.expect, signed_at_ms: NOW };
}

function headerValue(value) {
  const raw = bytes(value);
  const printable = raw.every((byte) => byte >= 0x20 && byte <= 0x7e);
  return printable ? raw.toString('latin1') : { base64: raw.toString('base64') };
}
