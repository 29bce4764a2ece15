// How large a body may be, and how it may be encoded.

import { gzipSync } from 'node:zlib';

import { accept, completed, delivery, DOCUMENTED_BODY, payload, refuse, unknown } from '../delivery.mjs';

const DEFAULT_LIMIT = 262_144;

/** The documented payload with an ignored field that makes it `length` bytes. */
function bodyOf(length, filler = 'x') {
  const rest = Buffer.byteLength(JSON.stringify(payload({ note: '' })));
  const count = Math.floor((length - rest) / Buffer.byteLength(filler));
  const body = JSON.stringify(payload({ note: filler.repeat(count) }));
  return body + ' '.repeat(length - Buffer.byteLength(body));
}

const limit = [
  {
    name: 'body-of-exactly-the-limit',
    options: { max_body_bytes: DOCUMENTED_BODY.length },
    expect: accept(completed()),
  },
  {
    name: 'body-one-over-the-limit',
    options: { max_body_bytes: DOCUMENTED_BODY.length - 1 },
    expect: refuse('body_too_large'),
  },
  {
    name: 'body-one-under-the-limit',
    options: { max_body_bytes: DOCUMENTED_BODY.length + 1 },
    expect: accept(completed()),
  },
  {
    name: 'body-over-the-limit-by-white-space',
    note: 'Bytes count, not what they mean.',
    body: `${DOCUMENTED_BODY} `,
    options: { max_body_bytes: DOCUMENTED_BODY.length },
    expect: refuse('body_too_large'),
  },
  {
    name: 'body-limit-counts-bytes-and-not-characters',
    body: JSON.stringify(payload({ task_id: 'é' })),
    options: { max_body_bytes: JSON.stringify(payload({ task_id: 'é' })).length },
    expect: refuse('body_too_large'),
  },
  {
    name: 'body-empty-within-the-smallest-limit',
    body: '',
    options: { max_body_bytes: 1 },
    expect: refuse('invalid_event'),
  },
  {
    name: 'body-of-one-byte-within-the-smallest-limit',
    body: '{',
    options: { max_body_bytes: 1 },
    expect: refuse('invalid_event'),
  },
  {
    name: 'body-of-two-bytes-over-the-smallest-limit',
    body: '{}',
    options: { max_body_bytes: 1 },
    expect: refuse('body_too_large'),
  },
  {
    name: 'body-of-exactly-the-default-limit',
    note: '256 KiB.',
    body: bodyOf(DEFAULT_LIMIT),
    expect: accept(completed()),
  },
  {
    name: 'body-one-over-the-default-limit',
    body: bodyOf(DEFAULT_LIMIT + 1),
    expect: refuse('body_too_large'),
  },
  {
    name: 'body-large-unicode',
    note: 'Characters of three bytes, so that some chunk ends within one.',
    body: bodyOf(65_536, '蕉'),
    expect: accept(completed()),
  },
  // "1734948000." is 11 bytes of the message; 55 is the last length whose padding
  // fits in its block of 64.
  ...[44, 45, 52, 53, 54, 108, 109, 116, 117, 118].map((length) => ({
    name: `body-of-${length}-bytes`,
    note: `A message of ${11 + length} bytes: around the edge of a block of SHA-256.`,
    body: '{"event":"ping"}'.padEnd(length),
    expect: accept(unknown('ping')),
  })),
];

const identity = ['identity', 'Identity', 'IDENTITY'].map((coding, index) => ({
  name: `encoding-identity-${['lower', 'capital', 'upper'][index]}-case`,
  note: 'Content codings are case-insensitive (RFC 9110, section 8.4.1).',
  extra: [['Content-Encoding', coding]],
  expect: accept(completed()),
}));

const refused = [
  ['gzip', 'gzip'],
  ['x-gzip', 'x-gzip'],
  ['gzip-upper-case', 'GZIP'],
  ['deflate', 'deflate'],
  ['br', 'br'],
  ['zstd', 'zstd'],
  ['compress', 'compress'],
  ['invented', 'x-identity'],
  ['identity-with-parameter', 'identity;q=1'],
  ['identity-twice-in-a-list', 'identity, identity', 'Anything but the one word is refused.'],
  ['identity-and-gzip', 'identity, gzip'],
  ['gzip-and-identity', 'gzip, identity'],
  ['empty', ''],
  ['comma', ','],
  ['star', '*'],
  ['unicode', 'ídentity'],
  ['byte-ff', Buffer.from([0xff])],
].map(([kind, coding, note]) => ({
  name: `encoding-${kind}`,
  note,
  extra: [['Content-Encoding', coding]],
  expect: refuse('unsupported_content_encoding'),
}));

const lines = [
  ['identity-in-two-lines', 'identity', 'identity'],
  ['gzip-in-the-second-line', 'identity', 'gzip'],
  ['gzip-in-the-first-line', 'gzip', 'identity'],
].map(([kind, first, second]) => ({
  name: `encoding-${kind}`,
  note: 'Every line is looked at.',
  extra: [['Content-Encoding', first], ['content-encoding', second]],
  expect: refuse('unsupported_content_encoding'),
}));

const compressed = [
  {
    name: 'encoding-gzip-of-a-body-signed-compressed',
    note: 'Signed as it was sent, and refused all the same: nothing is decompressed before the verdict.',
    body: stored(DOCUMENTED_BODY),
    extra: [['Content-Encoding', 'gzip']],
    expect: refuse('unsupported_content_encoding'),
  },
  {
    name: 'encoding-gzip-of-a-body-signed-plain',
    body: stored(DOCUMENTED_BODY),
    signed: { body: DOCUMENTED_BODY },
    extra: [['Content-Encoding', 'gzip']],
    claim: 'also-unsigned',
    expect: refuse('unsupported_content_encoding'),
  },
  {
    name: 'encoding-gzip-that-nobody-declared',
    note: 'Signed as it was sent, but not an event.',
    body: stored(DOCUMENTED_BODY),
    expect: refuse('invalid_event'),
  },
];

// Level 0 stores: the bytes do not depend on the version of zlib. The tenth
// byte names the operating system; 255 is "unknown" (RFC 1952).
function stored(text) {
  const compressed = gzipSync(text, { level: 0 });
  compressed[9] = 255;
  return compressed;
}

export const bodies = [...limit, ...identity, ...refused, ...lines, ...compressed].map(delivery);
