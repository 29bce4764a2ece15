// Properly signed, but not an event: the sender is the provider, and the
// operator must hear of it (D7). Never a silent 200.

import { delivery, DOCUMENTED_BODY as good, payload, refuse } from '../delivery.mjs';

const json = (fields, data) => JSON.stringify(payload(fields, data));
const withX = (text) => good.replace('{"event"', `{"x":${text},"event"`);

const notJson = [
  ['empty', ''],
  ['one-space', ' '],
  ['newline', '\n'],
  ['word', 'ok'],
  ['truncated', good.slice(0, -1)],
  ['truncated-in-text', good.slice(0, 30)],
  ['truncated-in-data', good.slice(0, good.indexOf('"credits_charged"'))],
  ['trailing-brace', `${good}}`],
  ['trailing-word', `${good} ok`],
  ['trailing-comma', `${good},`],
  ['trailing-nul', `${good}\0`],
  ['two-documents', `${good}${good}`],
  ['two-lines', `${good}\n${good}`],
  ['byte-order-mark', `\ufeff${good}`, 'JSON over a network has none (RFC 8259, section 8.1).'],
  ['utf-16', Buffer.from(good, 'utf16le')],
  ['form', 'event=job.completed&task_id=task_xxx'],
  ['xml', '<event>job.completed</event>'],
  ['comma-before-brace', good.replace(/}$/, ',}')],
  ['comma-missing', good.replace(',"task_id"', '"task_id"')],
  ['colon-missing', good.replace('"event":', '"event"')],
  ['single-quotes', good.replaceAll('"', "'")],
  ['unquoted-key', good.replace('"event":', 'event:')],
  ['comment', good.replace('{', '{/* */')],
  ['non-breaking-space', `\u00a0${good}`, 'White space to Unicode, not to JSON.'],
  ['form-feed', `\f${good}`],
  ['newline-in-text', good.replace('task_xxx', 'task\nxxx'), 'Control characters must be escaped.'],
  ['nul-in-text', good.replace('task_xxx', 'task\0xxx')],
  ['unknown-escape', good.replace('task_xxx', '\\x41')],
  ['short-unicode-escape', good.replace('task_xxx', '\\u12')],
  ['lone-high-surrogate', good.replace('task_xxx', '\\ud83c'), 'An escape that stands for no character.'],
  ['lone-low-surrogate', good.replace('task_xxx', '\\udf4c')],
  ['surrogates-swapped', good.replace('task_xxx', '\\udf4c\\ud83c')],
  ['nan', withX('NaN')],
  ['infinity', withX('-Infinity')],
  ['undefined', withX('undefined')],
  ['true-in-capitals', withX('True')],
  ['leading-zero', withX('01')],
  ['plus', withX('+1')],
  ['point-without-digit', withX('1.')],
  ['point-first', withX('.5')],
  ['exponent-without-digit', withX('1e')],
  ['hex', withX('0x10')],
  ['minus-alone', withX('-')],
  ['unclosed-list', withX('[1')],
  ['list-closed-by-brace', withX('[1}')],
].map(([kind, body, note]) => ({ name: `json-${kind}`, note, body }));

const bad = (...bytes) => Buffer.concat([Buffer.from('{"event":"job.completed","task_id":"'), Buffer.from(bytes),
  Buffer.from('","data":{"url":"u"}}')]);
const ignored = Buffer.concat([Buffer.from('{"x":"'), Buffer.from([0xff]), Buffer.from(good.replace('{', '",'))]);
const notUtf8 = [
  ['latin-1', bad(0xe9)],
  ['stray-continuation', bad(0x80)],
  ['byte-ff', bad(0xff)],
  ['truncated-sequence', bad(0xf0, 0x9f, 0x8d)],
  ['overlong', bad(0xc0, 0xaf)],
  ['encoded-surrogate', bad(0xed, 0xa0, 0x80)],
  ['beyond-unicode', bad(0xf4, 0x90, 0x80, 0x80)],
  ['in-an-ignored-field', ignored, 'The body is text as a whole, or it is not.'],
  ['after-the-document', Buffer.concat([Buffer.from(good), Buffer.from([0xff])])],
].map(([kind, body, note]) => ({ name: `utf-8-${kind}`, note, body }));

const notAnObject = [
  ['null', 'null'],
  ['true', 'true'],
  ['number', '6'],
  ['text', JSON.stringify(good), 'JSON in JSON.'],
  ['empty-list', '[]'],
  ['list-of-one', `[${good}]`, 'One delivery, one event.'],
  ['list-of-names', '["job.completed","task_xxx"]'],
].map(([kind, body, note]) => ({ name: `document-${kind}`, note, body }));

const KINDS = { null: null, empty: '', number: 7, bool: true, list: ['a'], object: { a: 1 } };
const kinds = (name, without, make, note) => Object.entries(KINDS)
  .filter(([kind]) => !without.includes(kind))
  .map(([kind, value]) => ({ name: `${name}-${kind}`, note, body: make(value) }));

const eventNames = [
  { name: 'event-missing', body: json({ event: undefined }) },
  { name: 'event-missing-empty-object', body: '{}' },
  { name: 'event-in-other-case', body: good.replace('"event"', '"Event"') },
  { name: 'event-in-data-only', body: JSON.stringify({ data: payload() }) },
  { name: 'event-under-the-name-type', body: good.replace('"event"', '"type"') },
  ...kinds('event', [], (event) => json({ event })),
];

const completedJobs = [
  { name: 'completed-without-task-id', body: json({ task_id: undefined }) },
  ...kinds('completed-task-id', [], (task_id) => json({ task_id })),
  { name: 'completed-with-nothing-else', body: '{"event":"job.completed"}' },
  { name: 'completed-without-data', body: json({ data: undefined }) },
  ...kinds('completed-data', [], (data) => json({ data })),
  { name: 'completed-data-text', body: json({ data: 'https://cdn.example.com/image.png' }) },
  { name: 'completed-without-url', body: json({}, { url: undefined }) },
  { name: 'completed-url-beside-data', body: json({ url: 'https://cdn.example.com/image.png' }, { url: undefined }) },
  ...kinds('completed-url', [], (url) => json({}, { url })),
];

const failedBody = '{"event":"job.failed","task_id":"task_yyy","data":{"error":"e"}}';
const failedJobs = [
  { name: 'failed-without-task-id', body: '{"event":"job.failed","data":{"error":"e"}}' },
  ...kinds('failed-task-id', [], (task_id) => JSON.stringify({ event: 'job.failed', task_id, data: { error: 'e' } })),
  { name: 'failed-task-id-in-data-only', body: '{"event":"job.failed","data":{"task_id":"task_yyy"}}' },
  { name: 'failed-truncated', body: failedBody.slice(0, -1) },
];

// `"field":` is put in front once more, with the same or another value.
const twice = (body, field, value, object = '{"event"') => body.replace(object, `${object[0]}${JSON.stringify(field)}:${value},${object.slice(1)}`);
const duplicates = [
  { name: 'twice-event-equal', body: twice(good, 'event', '"job.completed"') },
  { name: 'twice-event-other', body: twice(good, 'event', '"job.failed"'), note: 'Two readers could see two events.' },
  { name: 'twice-event-unknown-first', body: twice(good, 'event', '"job.progress"') },
  { name: 'twice-event-null-first', body: twice(good, 'event', 'null') },
  { name: 'twice-event-last', body: good.replace(/}$/, ',"event":"job.failed"}') },
  { name: 'twice-event-by-escape', body: good.replace('{', '{"\\u0065vent":"job.failed",'), note: 'Equal after the escapes are read.' },
  { name: 'twice-task-id-equal', body: twice(good, 'task_id', '"task_xxx"') },
  { name: 'twice-task-id-other', body: twice(good, 'task_id', '"task_zzz"') },
  { name: 'twice-task-id-null', body: twice(good, 'task_id', 'null') },
  { name: 'twice-task-id-by-escape', body: good.replace('{', '{"task\\u005fid":"task_zzz",') },
  { name: 'twice-task-type', body: twice(good, 'task_type', '"video"') },
  { name: 'twice-task-type-null', body: twice(good, 'task_type', 'null'), note: 'null counts as given.' },
  { name: 'twice-task-type-null-both', body: twice(good.replace('"task_type":"image"', '"task_type":null'), 'task_type', 'null') },
  { name: 'twice-status', body: twice(good, 'status', '"failed"') },
  { name: 'twice-timestamp', body: twice(good, 'timestamp', '"2024-12-23T10:00:00Z"') },
  { name: 'twice-data-equal', body: twice(good, 'data', '{"url":"https://cdn.example.com/image.png","credits_charged":6}') },
  { name: 'twice-data-empty', body: twice(good, 'data', '{}') },
  { name: 'twice-data-null', body: twice(good, 'data', 'null') },
  { name: 'twice-url', body: twice(good, 'url', '"https://example.net/"', '{"url"') },
  { name: 'twice-url-null', body: twice(good, 'url', 'null', '{"url"') },
  { name: 'twice-credits', body: twice(good, 'credits_charged', '6', '{"url"') },
  { name: 'twice-credits-null', body: twice(good, 'credits_charged', 'null', '{"url"') },
  { name: 'failed-twice-event', body: twice(failedBody, 'event', '"job.failed"') },
  { name: 'failed-twice-task-id', body: twice(failedBody, 'task_id', '"task_yyy"') },
  { name: 'failed-twice-task-type', body: failedBody.replace(/}$/, ',"task_type":"image","task_type":"video"}') },
  { name: 'failed-twice-status', body: failedBody.replace(/}$/, ',"status":"failed","status":"failed"}') },
  { name: 'failed-twice-timestamp', body: failedBody.replace(/}$/, ',"timestamp":"a","timestamp":"a"}') },
  {
    name: 'failed-twice-task-type-of-other-types',
    note: 'A type that is tolerated once is not tolerated twice.',
    body: failedBody.replace(/}$/, ',"task_type":5,"task_type":6}'),
  },
  { name: 'failed-twice-data', body: twice(failedBody, 'data', '"a"') },
  { name: 'failed-twice-data-null', body: twice(failedBody, 'data', 'null') },
  { name: 'failed-twice-credits', body: failedBody.replace('{"error"', '{"credits_charged":1,"credits_charged":1,"error"') },
  { name: 'failed-twice-url', body: failedBody.replace('{"error"', '{"url":"a","url":"a","error"') },
  { name: 'unknown-twice-event', body: '{"event":"job.progress","event":"job.progress"}' },
  { name: 'unknown-twice-event-other', body: '{"event":"job.progress","event":"job.paused"}' },
  { name: 'unknown-twice-task-id', body: '{"event":"job.progress","task_id":"a","task_id":"b"}' },
  { name: 'unknown-twice-task-id-of-other-types', body: '{"event":"job.progress","task_id":1,"task_id":null}' },
];

const unknownEvents = [
  { name: 'unknown-event-broken-later', body: '{"event":"job.progress","x":nul}' },
  { name: 'unknown-event-truncated', body: '{"event":"job.progress"' },
];

export const eventsInvalid = [
  ...notJson, ...notUtf8, ...notAnObject, ...eventNames, ...completedJobs, ...failedJobs, ...duplicates, ...unknownEvents,
].map((spec) => delivery({ ...spec, expect: refuse('invalid_event') }));
