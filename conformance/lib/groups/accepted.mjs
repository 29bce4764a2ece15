// Completed jobs that reach the handler: every way to write one, and every
// form of the two headers that is allowed.

import { accept, completed, delivery, DOCUMENTED_BODY, payload } from '../delivery.mjs';
import { SIGNATURE_HEADER, TIMESTAMP_HEADER } from '../documented.mjs';

const json = (fields, data) => JSON.stringify(payload(fields, data));

const documented = [
  {
    name: 'documented-payload',
    note: "The provider's example payload, as JSON.stringify prints it: 193 bytes.",
    expect: accept(completed()),
  },
  {
    name: 'documented-payload-video',
    note: 'The page speaks of video as well.',
    body: json({ task_type: 'video' }, { url: 'https://cdn.example.com/video.mp4', credits_charged: 40 }),
    expect: accept(completed({ task_type: 'video', url: 'https://cdn.example.com/video.mp4', credits_charged: 40 })),
  },
];

const text = [
  {
    name: 'unicode',
    note: 'UTF-8 is signed and read as it is.',
    body: json({ task_id: 'tâche-été-任務-задача' }, { url: 'https://cdn.example.com/イメージ.png' }),
    expect: accept(completed({ task_id: 'tâche-été-任務-задача', url: 'https://cdn.example.com/イメージ.png' })),
  },
  {
    name: 'emoji',
    note: 'Four-byte UTF-8 and a joined sequence.',
    body: json({ task_id: 'nano-🍌-👩‍🚀' }),
    expect: accept(completed({ task_id: 'nano-🍌-👩‍🚀' })),
  },
  {
    name: 'not-normalised',
    note: 'A decomposed letter stays decomposed.',
    body: json({ task_id: 'e\u0301' }),
    expect: accept(completed({ task_id: 'e\u0301' })),
  },
  {
    name: 'line-and-paragraph-separator',
    note: 'U+2028 and U+2029 stand unescaped in JSON.',
    body: json({ task_id: 'a\u2028b\u2029c' }),
    expect: accept(completed({ task_id: 'a\u2028b\u2029c' })),
  },
  {
    name: 'byte-order-mark-inside-text',
    note: 'U+FEFF is an error before the document, and a character within it.',
    body: json({ task_id: 'a\ufeffb' }),
    expect: accept(completed({ task_id: 'a\ufeffb' })),
  },
  {
    name: 'escapes-as-json-stringify-writes-them',
    body: json({ task_id: 'quote" backslash\\ newline\n tab\t return\r backspace\b feed\f unit\u001f' }),
    expect: accept(completed({ task_id: 'quote" backslash\\ newline\n tab\t return\r backspace\b feed\f unit\u001f' })),
  },
  {
    name: 'escapes-that-json-stringify-does-not-write',
    note: 'Signed raw, so the text need not be what JSON.stringify prints.',
    body: DOCUMENTED_BODY.replace('task_xxx', '\\u0074ask\\/\\u00E9\\u2028\\ud83c\\udf4c'),
    expect: accept(completed({ task_id: 'task/é\u2028🍌' })),
  },
  {
    name: 'escaped-nul',
    note: 'U+0000 is a character like any other in JSON.',
    body: json({ task_id: 'a\u0000b' }),
    expect: accept(completed({ task_id: 'a\u0000b' })),
  },
  {
    name: 'escaped-keys-and-event-name',
    note: 'A key is compared after its escapes are read.',
    body: DOCUMENTED_BODY.replace('"event":"job.completed"', '"\\u0065vent":"job\\u002ecompleted"').replace('"url"', '"\\u0075rl"'),
    expect: accept(completed()),
  },
];

const layout = [
  {
    name: 'keys-in-other-order',
    body: JSON.stringify({
      timestamp: '2024-12-23T10:00:00Z',
      data: { credits_charged: 6, url: 'https://cdn.example.com/image.png' },
      status: 'completed',
      task_type: 'image',
      task_id: 'task_xxx',
      event: 'job.completed',
    }),
    expect: accept(completed()),
  },
  {
    name: 'white-space-signed-raw',
    note: 'A sender that posts an indented body and signs that very text.',
    body: JSON.stringify(payload(), null, 2),
    expect: accept(completed()),
  },
  {
    name: 'white-space-of-all-four-kinds',
    body: ` \t\r\n${DOCUMENTED_BODY.replaceAll(':"', ' \t:\r\n "')}\r\n\t `,
    expect: accept(completed()),
  },
  {
    name: 'trailing-newline-signed-raw',
    body: `${DOCUMENTED_BODY}\n`,
    expect: accept(completed()),
  },
];

const fields = [
  {
    name: 'unknown-fields-are-ignored',
    note: 'At the top and in data, whatever their type.',
    body: json({ attempt: 1, meta: { event: 'job.failed', task_id: 7 }, tags: [null, true, []] }, { width: 1024, task_id: 'another' }),
    expect: accept(completed()),
  },
  {
    name: 'unknown-field-given-twice',
    note: 'Only a known field given twice is refused.',
    body: DOCUMENTED_BODY.replace('{"event"', '{"x":1,"x":2,"event"').replace('{"url"', '{"y":1,"y":2,"url"'),
    expect: accept(completed()),
  },
  {
    name: 'keys-are-case-sensitive',
    note: 'Another case is another, unknown field.',
    body: json({ Event: 'job.failed', TASK_ID: 'another' }, { Url: 'https://example.com/' }),
    expect: accept(completed()),
  },
  {
    name: 'nested-unknown-field',
    body: DOCUMENTED_BODY.replace('{"event"', `{"x":${'['.repeat(64)}${']'.repeat(64)},"event"`),
    expect: accept(completed()),
  },
  {
    name: 'unknown-number-beyond-double',
    note: 'What is ignored need not fit anywhere.',
    body: DOCUMENTED_BODY.replace('{"event"', '{"x":1e999,"event"'),
    expect: accept(completed()),
  },
  {
    name: 'only-what-a-handler-needs',
    note: 'task_type, status, credits_charged and timestamp are optional.',
    body: JSON.stringify({ event: 'job.completed', task_id: 't', data: { url: 'u' } }),
    expect: accept(completed({ task_id: 't', url: 'u', task_type: null, status: null, credits_charged: null, timestamp: null })),
  },
  {
    name: 'optional-fields-null',
    note: 'null is the same as absent.',
    body: json({ task_type: null, status: null, timestamp: null }, { credits_charged: null }),
    expect: accept(completed({ task_type: null, status: null, credits_charged: null, timestamp: null })),
  },
  {
    name: 'optional-texts-empty',
    note: 'An empty text is a text.',
    body: json({ task_type: '', status: '', timestamp: '' }),
    expect: accept(completed({ task_type: '', status: '', timestamp: '' })),
  },
  {
    name: 'unknown-task-type-and-status',
    note: 'Kept as text.',
    body: json({ task_type: 'audio', status: 'partially_completed' }),
    expect: accept(completed({ task_type: 'audio', status: 'partially_completed' })),
  },
  {
    name: 'event-time-is-not-read',
    note: 'The timestamp in the body is text for the handler; the window is about the header alone.',
    body: json({ timestamp: 'the day before yesterday' }),
    expect: accept(completed({ timestamp: 'the day before yesterday' })),
  },
];

const credits = [
  ['zero', '0', 0],
  ['fraction', '6.5', 6.5],
  ['small-fraction', '0.25', 0.25],
  ['negative', '-3', -3],
  ['fraction-of-zero', '6.0', 6],
  ['exponent', '6e0', 6],
  ['capital-exponent-with-sign', '0.6E+1', 6],
  ['negative-exponent', '25e-2', 0.25],
  ['largest-safe-integer', '9007199254740991', 9007199254740991],
  ['beyond-safe-integer', '9007199254740993', 9007199254740992],
  ['beyond-u64', '100000000000000000000', 1e20],
].map(([name, number, value]) => ({
  name: `credits-${name}`,
  body: DOCUMENTED_BODY.replace('"credits_charged":6', `"credits_charged":${number}`),
  expect: accept(completed({ credits_charged: value })),
}));

// A value that is not required never refuses a delivery: it counts as absent.
const other = { number: 7, bool: true, list: ['a'], object: { a: 1 } };
const absent = (name, field, fields, body) => ({ name, body, expect: accept(completed({ [field]: null, ...fields })) });
const inX = (text) => DOCUMENTED_BODY.replace('{"event"', `{"x":${text},"event"`);
const unreadable = [
  ...['task_type', 'status', 'timestamp'].flatMap((field) => [
    ...Object.entries(other).map(([kind, value]) => absent(`completed-${field.replace('_', '-')}-${kind}`, field, {}, json({ [field]: value }))),
    {
      ...absent(`completed-${field.replace('_', '-')}-half-a-surrogate-pair`, field, {}, json({ [field]: 'cut \ud83c' })),
      note: 'A text that was cut within an emoji.',
    },
  ]),
  ...Object.entries({ empty: '', bool: true, list: ['a'], object: { a: 1 }, text: '6' })
    .map(([kind, value]) => absent(`completed-credits-${kind}`, 'credits_charged', {}, json({}, { credits_charged: value }))),
  {
    ...absent('completed-credits-beyond-double', 'credits_charged', {}, DOCUMENTED_BODY.replace(':6}', ':1e400}')),
    note: 'Infinity is not an amount.',
  },
  {
    ...absent('completed-nothing-but-the-required-is-readable', 'status', { task_type: null, timestamp: null, credits_charged: null },
      json({ task_type: ['\udf4c'], status: 1, timestamp: '\ud83c\ud83c' }, { credits_charged: {} })),
  },
  ...Object.entries({
    'half-a-surrogate-pair': '"\\ud83c"', 'low-half': '"\\udf4c!"', 'halves-swapped': '"\\udf4c\\ud83c"', 'cut-name': '{"\\ud83c":1}',
    'number-beyond-double': '[{"n":-1e999}]', 'exponent-of-many-digits': '1e99999999999999999999', 'deep-nesting': `${'['.repeat(500)}${']'.repeat(500)}`,
  }).map(([kind, text]) => ({
    name: `unknown-field-${kind}`,
    note: 'What is ignored need not be readable.',
    body: inX(text),
    expect: accept(completed()),
  })),
  {
    name: 'unknown-name-half-a-surrogate-pair',
    body: DOCUMENTED_BODY.replace('{"event"', '{"\\ud83c":1,"event"').replace('{"url"', '{"\\udf4c":2,"url"'),
    expect: accept(completed()),
  },
];

const timestamps = [
  {
    name: 'timestamp-in-milliseconds',
    note: 'From 100000000000 on a timestamp is Unix milliseconds.',
    timestamp: '1734948000123',
    expect: accept(completed(), { signedAt: 1_734_948_000_123 }),
  },
  {
    name: 'timestamp-with-a-leading-zero',
    note: 'The header text is signed as it is, never printed again.',
    timestamp: '01734948000',
    expect: accept(completed(), { signedAt: 1_734_948_000_000 }),
  },
  {
    name: 'timestamp-thirteen-digits-of-seconds',
    note: 'The value decides between seconds and milliseconds, not the number of digits.',
    timestamp: '0001734948000',
    expect: accept(completed(), { signedAt: 1_734_948_000_000 }),
  },
  {
    name: 'timestamp-of-twenty-digits',
    note: 'The longest form.',
    timestamp: '00000000001734948000',
    expect: accept(completed(), { signedAt: 1_734_948_000_000 }),
  },
  {
    name: 'timestamp-of-twenty-digits-in-milliseconds',
    timestamp: '00000001734948000123',
    expect: accept(completed(), { signedAt: 1_734_948_000_123 }),
  },
];

const httpHeaders = [
  {
    name: 'header-names-in-lower-case',
    note: 'Field names are case-insensitive (RFC 9110, section 5.1).',
    headers: (timestamp, signature) => [[TIMESTAMP_HEADER.toLowerCase(), timestamp], [SIGNATURE_HEADER.toLowerCase(), signature]],
    expect: accept(completed()),
  },
  {
    name: 'header-names-in-upper-case',
    headers: (timestamp, signature) => [[TIMESTAMP_HEADER.toUpperCase(), timestamp], [SIGNATURE_HEADER.toUpperCase(), signature]],
    expect: accept(completed()),
  },
  {
    name: 'headers-in-other-order',
    headers: (timestamp, signature) => [[SIGNATURE_HEADER, signature], [TIMESTAMP_HEADER, timestamp]],
    expect: accept(completed()),
  },
  {
    name: 'other-headers-are-ignored',
    extra: [['X-Nano-Event', 'job.failed'], ['X-Nano-Timestamp-2', '1'], ['X-Hub-Signature-256', 'sha256=00'], ['X-Request-Id', 'a'], ['X-Request-Id', 'b']],
    expect: accept(completed()),
  },
  {
    name: 'content-type-json',
    extra: [['Content-Type', 'application/json']],
    expect: accept(completed()),
  },
  {
    name: 'content-type-is-not-judged',
    note: 'What was signed is JSON or it is not; an unsigned header says nothing about it.',
    extra: [['Content-Type', 'text/plain; charset=iso-8859-1']],
    expect: accept(completed()),
  },
];

export const accepted = [...documented, ...text, ...layout, ...fields, ...credits, ...unreadable, ...timestamps, ...httpHeaders].map(delivery);
