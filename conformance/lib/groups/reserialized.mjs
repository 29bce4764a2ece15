// Bodies whose signature is over JSON.stringify(JSON.parse(body)): what the
// documented snippet takes, and what `accept_reserialized` takes (D2). The
// canonical text is made by Node here, never by us.

import { accept, completed, delivery, DOCUMENTED_BODY, failed, payload, PREVIOUS, refuse, SECRET, unknown } from '../delivery.mjs';

const on = { accept_reserialized: true };
const canonical = (text) => JSON.stringify(JSON.parse(text));
const indented = JSON.stringify(payload(), null, 2);

/** Sent as `body`, signed as the snippet would hash it. */
function reserialized(name, body, event, note) {
  const signedBody = canonical(body);
  return { name, note, options: on, body, signed: { body: signedBody }, expect: accept(event, { signedBody }) };
}

const withX = (text) => DOCUMENTED_BODY.replace('{"event"', `{ "x":${text},"event"`);

const layouts = [
  reserialized('reserialized-indented', indented, completed(), 'A proxy printed the body again.'),
  reserialized('reserialized-indented-by-tabs', JSON.stringify(payload(), null, '\t'), completed()),
  reserialized('reserialized-windows-line-ends', indented.replaceAll('\n', '\r\n'), completed()),
  reserialized('reserialized-trailing-newline', `${DOCUMENTED_BODY}\n`, completed()),
  reserialized('reserialized-leading-space', ` ${DOCUMENTED_BODY}`, completed()),
  reserialized('reserialized-failed', '{ "event":"job.failed", "task_id":"task_yyy", "data":{ "error":"no" } }', failed({ reason: 'no' })),
  reserialized('reserialized-unknown', '{ "event":"job.progress" }', unknown('job.progress')),
];

const texts = [
  reserialized('reserialized-escaped-slashes', DOCUMENTED_BODY.replaceAll('/', '\\/'), completed()),
  reserialized('reserialized-escaped-to-ascii', JSON.stringify(payload({ task_id: 'été-🍌' })).replace('été-🍌', '\\u00e9t\\u00E9-\\ud83c\\udf4c'),
    completed({ task_id: 'été-🍌' })),
  reserialized('reserialized-escaped-letters', DOCUMENTED_BODY.replace('"event"', '"\\u0065vent"').replace('task_xxx', '\\u0074ask_xxx'), completed()),
  reserialized('reserialized-control-characters', withX('"\\u0000\\u0008\\u0009\\u000a\\u000b\\u000c\\u000d\\u001f\\u007f\\u0080"'), completed(),
    'Five have short escapes, U+007F and beyond need none.'),
  reserialized('reserialized-quotes-and-backslashes', withX('"\\u0022\\u005c\\u002f"'), completed()),
  reserialized('reserialized-line-separators', withX('"\\u2028\\u2029\\ufeff"'), completed(), 'Printed as they are.'),
  reserialized('reserialized-unicode', JSON.stringify(payload({ task_id: 'tâche-任務' }), null, 1), completed({ task_id: 'tâche-任務' })),
];

const NUMBERS = [
  ['integer-with-point', '6.0'],
  ['integer-with-exponent', '6e0'],
  ['negative-zero', '-0'],
  ['negative-zero-with-point', '-0.0'],
  ['fraction', '0.10'],
  ['sum-of-fractions', '0.30000000000000004'],
  ['too-many-digits', '0.1000000000000000055511151231257827'],
  ['small', '0.000001'],
  ['smaller', '0.0000001'],
  ['large', '100000000000000000000'],
  ['larger', '1000000000000000000000'],
  ['exponent-spelled-out', '1E+20'],
  ['beyond-safe-integer', '9007199254740993'],
  ['largest-u64', '18446744073709551615'],
  ['largest-double', '1.7976931348623157e308'],
  ['smallest-double', '5e-324'],
  ['below-the-smallest', '1e-400'],
  ['beyond-double', '1e400'],
  ['beyond-double-negative', '-1e400'],
  ['above-half-the-smallest', '2.5e-324'],
];

const numbers = NUMBERS.map(([kind, number]) => reserialized(
  `reserialized-number-${kind}`, withX(number), completed(), `${number} is printed as ${canonical(number)}.`));

const credits = [
  reserialized('reserialized-credits-with-point', DOCUMENTED_BODY.replace(':6}', ': 6.50}'), completed({ credits_charged: 6.5 })),
  reserialized('reserialized-credits-beyond-double', DOCUMENTED_BODY.replace(':6}', ': 1e400}'), completed({ credits_charged: null }),
    'JSON.stringify prints Infinity as null, and that is what was signed.'),
  reserialized('reserialized-credits-text', JSON.stringify(payload({}, { credits_charged: '6' }), null, 2), completed({ credits_charged: null })),
];

const keys = [
  reserialized('reserialized-integer-keys-first', withX('{"b":1,"10":2,"a":3,"9":4,"01":5,"-1":6,"1.5":7}'), completed(),
    'Integer-like keys come first, in ascending order.'),
  reserialized('reserialized-largest-array-index', withX('{"a":0,"4294967295":1,"4294967294":2,"4294967296":3}'), completed(),
    '4294967294 is the last integer-like key.'),
  reserialized('reserialized-integer-keys-at-the-top', DOCUMENTED_BODY.replace('{"event"', '{ "event"').replace(/}$/, ',"2":"b","1":"a"}'), completed()),
  reserialized('reserialized-key-given-twice', withX('{"a":1,"b":2,"a":3}'), completed(), 'The last value, in the first place.'),
  reserialized('reserialized-known-key-given-twice', DOCUMENTED_BODY.replace('{"event"', '{"event":"job.failed","event"'), completed(),
    'The signed text has one event; the raw bytes, which nobody signed, are never seen.'),
  reserialized('reserialized-task-id-given-twice', DOCUMENTED_BODY.replace('{"event"', '{"task_id":"unsigned","event"'), completed()),
  reserialized('reserialized-key-given-twice-by-escape', DOCUMENTED_BODY.replace('{"event"', '{"\\u0065vent":"job.failed","event"'), completed()),
  reserialized('reserialized-url-given-twice', DOCUMENTED_BODY.replace('{"url"', '{"url":"https://evil.example/","url"'), completed()),
  reserialized('reserialized-proto-key', withX('{"__proto__":{"a":1},"constructor":2}'), completed(), 'A key like any other.'),
  reserialized('reserialized-empty-key', withX('{"":1," ":2}'), completed()),
  reserialized('reserialized-empty-values', withX('[ { } , [ ] , "" , null , true , false ]'), completed()),
  reserialized('reserialized-nested', withX(`${'[ '.repeat(64)}${']'.repeat(64)}`), completed()),
];

const known = (name, body, note) => ({
  name,
  note,
  options: on,
  body,
  signed: { body: canonical(body) },
  claim: 'snippet-accepts',
  expect: refuse('signature_mismatch'),
});

const knownDifferences = [
  known('reserialized-lone-surrogate', withX('"\\ud800"'), 'The snippet takes it; a lone surrogate is not text (D2).'),
  known('reserialized-lone-surrogate-in-a-key', withX('{"\\udf4c":1}')),
  known('reserialized-nested-beyond-any-cap', withX(`${'['.repeat(3000)}${']'.repeat(3000)}`), 'The snippet takes it; nesting is capped (D2).'),
];

const off = [
  ['indented', indented],
  ['trailing-newline', `${DOCUMENTED_BODY}\n`],
  ['key-given-twice', DOCUMENTED_BODY.replace('{"event"', '{"event":"job.failed","event"')],
  ['number-form', DOCUMENTED_BODY.replace(':6}', ':6.0}')],
].map(([kind, body]) => ({
  name: `reserialized-off-${kind}`,
  note: 'Off unless asked for.',
  body,
  signed: { body: canonical(body) },
  claim: 'snippet-accepts',
  expect: refuse('signature_mismatch'),
}));

const rawFirst = [
  {
    name: 'reserialized-raw-match-compact',
    note: 'The raw text was signed, so it is the body.',
    options: on,
    expect: accept(completed()),
  },
  {
    name: 'reserialized-raw-match-indented',
    options: on,
    body: indented,
    expect: accept(completed()),
  },
  {
    name: 'reserialized-raw-match-key-given-twice',
    note: 'The raw text was signed, so its two events are refused.',
    options: on,
    body: DOCUMENTED_BODY.replace('{"event"', '{"event":"job.failed","event"'),
    expect: refuse('invalid_event'),
  },
  {
    name: 'reserialized-raw-match-not-json',
    options: on,
    body: 'not json',
    expect: refuse('invalid_event'),
  },
  {
    name: 'reserialized-raw-match-previous-secret',
    options: on,
    secrets: [SECRET, PREVIOUS],
    signed: { secret: PREVIOUS },
    expect: accept(completed(), { secret: 1 }),
  },
];

const rotated = [
  {
    ...reserialized('reserialized-previous-secret', indented, completed()),
    secrets: [SECRET, PREVIOUS],
    signed: { body: DOCUMENTED_BODY, secret: PREVIOUS },
    expect: accept(completed(), { secret: 1, signedBody: DOCUMENTED_BODY }),
  },
  {
    name: 'reserialized-removed-secret',
    options: on,
    body: indented,
    signed: { body: DOCUMENTED_BODY, secret: PREVIOUS },
    expect: refuse('signature_mismatch'),
  },
];

const refused = [
  ['value-changed', indented.replace('task_xxx', 'task_xxy'), DOCUMENTED_BODY],
  ['key-added', indented.replace('{', '{"x":1,'), DOCUMENTED_BODY],
  ['keys-reordered', JSON.stringify(Object.fromEntries(Object.entries(payload()).reverse()), null, 2), DOCUMENTED_BODY,
    'The order of keys is part of the text.'],
  ['truncated', indented.slice(0, -1), DOCUMENTED_BODY],
  ['trailing-word', `${indented} ok`, DOCUMENTED_BODY],
  ['two-documents', `${indented}${indented}`, DOCUMENTED_BODY],
  ['empty', '', DOCUMENTED_BODY],
  ['byte-order-mark', `\ufeff${indented}`, DOCUMENTED_BODY, 'JSON.parse does not take it.'],
  ['comma-before-brace', indented.replace(/\n}$/, ',\n}'), DOCUMENTED_BODY],
  ['not-utf-8', Buffer.from(JSON.stringify(payload({ task_id: 'é' }), null, 2), 'latin1'), JSON.stringify(payload({ task_id: '\ufffd' })),
    'A lossy decoder would have signed U+FFFD; nothing is replaced here.'],
  ['indented-is-what-was-signed', DOCUMENTED_BODY, indented, 'It works in one direction only: towards JSON.stringify.'],
  ['sorted-keys-were-signed', indented, JSON.stringify(Object.fromEntries(Object.entries(payload()).sort(([a], [b]) => (a < b ? -1 : 1))))],
  ['number-kept', DOCUMENTED_BODY.replace(':6}', ': 6.0}'), DOCUMENTED_BODY.replace(':6}', ':6.0}'),
    'A canonical form that keeps the number as it was written is not the ECMAScript one.'],
].map(([kind, body, signed, note]) => ({
  name: `reserialized-refused-${kind}`,
  note,
  options: on,
  body,
  signed: { body: signed },
  expect: refuse('signature_mismatch'),
}));

const invalid = [
  ['not-an-event', '{ "hello": 1 }'],
  ['no-task-id', JSON.stringify(payload({ task_id: undefined }), null, 2)],
  ['list', `[ ${DOCUMENTED_BODY} ]`],
  ['null', ' null'],
  ['url-number', JSON.stringify(payload({}, { url: 7 }), null, 2)],
].map(([kind, body]) => ({
  name: `reserialized-invalid-${kind}`,
  note: 'Signed, in its canonical text, but not an event.',
  options: on,
  body,
  signed: { body: canonical(body) },
  expect: refuse('invalid_event'),
}));

const otherRules = [
  {
    name: 'reserialized-timestamp-is-still-raw',
    note: 'Only the body is printed again.',
    options: on,
    body: indented,
    timestamp: '01734948000',
    signed: { body: DOCUMENTED_BODY, timestamp: '1734948000' },
    expect: refuse('signature_mismatch'),
  },
  {
    name: 'reserialized-limit-is-of-the-raw-body',
    options: { max_body_bytes: DOCUMENTED_BODY.length, accept_reserialized: true },
    body: indented,
    signed: { body: DOCUMENTED_BODY },
    expect: refuse('body_too_large'),
  },
  {
    name: 'reserialized-window-is-judged',
    options: on,
    now: 1_734_948_300_001,
    body: indented,
    signed: { body: DOCUMENTED_BODY },
    expect: refuse('timestamp_out_of_tolerance'),
  },
];


export const reserializedBodies = [
  ...layouts, ...texts, ...numbers, ...credits, ...keys, ...knownDifferences, ...off, ...rawFirst, ...rotated, ...refused, ...invalid, ...otherRules,
].map(delivery);
