// Several things are wrong at once; the order of checks says which one is
// answered: duplicate, missing, malformed (timestamp, then signature), window,
// encoding, length, signature, event.

import { delivery, DOCUMENTED_BODY, NOW, PREVIOUS, refuse, SECRET, TIMESTAMP } from '../delivery.mjs';
import { sign, SIGNATURE_HEADER, TIMESTAMP_HEADER } from '../documented.mjs';

const gzip = ['Content-Encoding', 'gzip'];
const small = { max_body_bytes: DOCUMENTED_BODY.length - 1 };
const stale = NOW + 300_001;
const wrong = sign(PREVIOUS, TIMESTAMP, DOCUMENTED_BODY);

export const order = [
  {
    name: 'order-duplicate-timestamp-before-missing-signature',
    headers: (t) => [[TIMESTAMP_HEADER, t], [TIMESTAMP_HEADER, t]],
    expect: refuse('duplicate_header'),
  },
  {
    name: 'order-duplicate-signature-before-missing-timestamp',
    headers: (_, s) => [[SIGNATURE_HEADER, s], [SIGNATURE_HEADER, s]],
    expect: refuse('duplicate_header'),
  },
  {
    name: 'order-duplicate-signature-before-malformed-timestamp',
    headers: (_, s) => [[TIMESTAMP_HEADER, 'now'], [SIGNATURE_HEADER, s], [SIGNATURE_HEADER, s]],
    expect: refuse('duplicate_header'),
  },
  {
    name: 'order-duplicate-before-malformed-in-itself',
    headers: () => [[TIMESTAMP_HEADER, ''], [TIMESTAMP_HEADER, ''], [SIGNATURE_HEADER, '']],
    expect: refuse('duplicate_header'),
  },
  {
    name: 'order-duplicate-before-all-that-follows',
    headers: () => [[TIMESTAMP_HEADER, '1'], [TIMESTAMP_HEADER, '1'], [SIGNATURE_HEADER, 'v2'], gzip],
    options: small,
    expect: refuse('duplicate_header'),
  },
  {
    name: 'order-missing-signature-before-malformed-timestamp',
    headers: () => [[TIMESTAMP_HEADER, 'now']],
    expect: refuse('missing_header'),
  },
  {
    name: 'order-missing-timestamp-before-malformed-signature',
    headers: () => [[SIGNATURE_HEADER, 'v2']],
    expect: refuse('missing_header'),
  },
  {
    name: 'order-missing-signature-before-window',
    headers: (t) => [[TIMESTAMP_HEADER, t]],
    now: stale,
    expect: refuse('missing_header'),
  },
  {
    name: 'order-missing-before-encoding',
    headers: () => [gzip],
    expect: refuse('missing_header'),
  },
  {
    name: 'order-malformed-timestamp-before-malformed-signature',
    timestamp: 'now',
    signature: 'v2',
    claim: 'also-unsigned',
    expect: refuse('malformed_timestamp'),
  },
  {
    name: 'order-malformed-timestamp-before-malformed-signature-also-when-it-is-sent-last',
    headers: () => [[SIGNATURE_HEADER, ''], [TIMESTAMP_HEADER, '']],
    claim: 'also-unsigned',
    expect: refuse('malformed_timestamp'),
  },
  {
    name: 'order-timestamp-beyond-u64-before-malformed-signature',
    timestamp: '18446744073709551616',
    signature: 'v2',
    claim: 'also-unsigned',
    expect: refuse('malformed_timestamp'),
  },
  {
    name: 'order-malformed-timestamp-before-encoding',
    timestamp: '',
    extra: [gzip],
    expect: refuse('malformed_timestamp'),
  },
  {
    name: 'order-malformed-signature-before-window',
    signature: 'v2',
    now: stale,
    expect: refuse('malformed_signature'),
  },
  {
    name: 'order-malformed-signature-before-window-ahead',
    timestamp: '18446744073709551615',
    signature: 'v2',
    expect: refuse('malformed_signature'),
  },
  {
    name: 'order-malformed-signature-before-encoding',
    signature: '',
    extra: [gzip],
    expect: refuse('malformed_signature'),
  },
  {
    name: 'order-malformed-signature-before-length',
    signature: '',
    options: small,
    expect: refuse('malformed_signature'),
  },
  {
    name: 'order-window-before-encoding',
    now: stale,
    extra: [gzip],
    expect: refuse('timestamp_out_of_tolerance'),
  },
  {
    name: 'order-window-before-length',
    now: stale,
    options: small,
    expect: refuse('timestamp_out_of_tolerance'),
  },
  {
    name: 'order-window-before-signature',
    note: 'Stale and forged: the window is judged first, and says nothing about the signature.',
    now: stale,
    signature: wrong,
    claim: 'also-unsigned',
    expect: refuse('timestamp_out_of_tolerance'),
  },
  {
    name: 'order-window-before-event',
    now: stale,
    body: 'not json',
    expect: refuse('timestamp_out_of_tolerance'),
  },
  {
    name: 'order-encoding-before-length',
    extra: [gzip],
    options: small,
    expect: refuse('unsupported_content_encoding'),
  },
  {
    name: 'order-encoding-before-signature',
    extra: [gzip],
    signature: wrong,
    claim: 'also-unsigned',
    expect: refuse('unsupported_content_encoding'),
  },
  {
    name: 'order-encoding-before-event',
    extra: [gzip],
    body: '',
    expect: refuse('unsupported_content_encoding'),
  },
  {
    name: 'order-length-before-signature',
    options: small,
    signature: wrong,
    claim: 'also-unsigned',
    expect: refuse('body_too_large'),
  },
  {
    name: 'order-length-before-event',
    options: { max_body_bytes: 3 },
    body: 'not json',
    expect: refuse('body_too_large'),
  },
  {
    name: 'order-signature-before-event',
    note: 'JSON is not read before the verdict.',
    body: 'not json',
    signed: { secret: PREVIOUS },
    expect: refuse('signature_mismatch'),
  },
  {
    name: 'order-signature-before-empty-body',
    body: '',
    signed: { secret: PREVIOUS },
    expect: refuse('signature_mismatch'),
  },
  {
    name: 'order-signature-before-invalid-utf-8',
    body: Buffer.from([0xff, 0xfe]),
    signed: { secret: `${SECRET} ` },
    expect: refuse('signature_mismatch'),
  },
].map(delivery);
