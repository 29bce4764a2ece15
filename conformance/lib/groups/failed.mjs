// Failed jobs. Their payload is undocumented (D7): `event` and `task_id` are
// needed, the reason is offered wherever it can be found.

import { accept, delivery, failed } from '../delivery.mjs';

/** In the order in which they are looked at, in `data` first, then beside it. */
const NAMES = ['error', 'reason', 'message', 'error_message', 'failure_reason'];

const head = { event: 'job.failed', task_id: 'task_yyy' };
const body = (fields) => JSON.stringify({ ...head, ...fields });
const text = 'The prompt was refused.';
const kebab = (name) => name.replaceAll('_', '-');

const shapes = [
  {
    name: 'failed-with-nothing-else',
    note: 'Only event and task_id are required.',
    body: body(),
    expect: accept(failed()),
  },
  {
    name: 'failed-like-the-documented-payload',
    note: 'The shape of the documented example, with an error in the place of the url.',
    body: body({
      task_type: 'video', status: 'failed', data: { error: text, credits_charged: 0 }, timestamp: '2024-12-23T10:00:00Z',
    }),
    expect: accept(failed({
      task_type: 'video', status: 'failed', reason: text, credits_charged: 0, timestamp: '2024-12-23T10:00:00Z',
    })),
  },
  {
    name: 'failed-unicode-reason',
    body: body({ data: { error: 'échec: 提示被拒絕 🍌' } }),
    expect: accept(failed({ reason: 'échec: 提示被拒絕 🍌' })),
  },
  {
    name: 'failed-credits-fraction',
    body: body({ data: { credits_charged: 2.5 } }),
    expect: accept(failed({ credits_charged: 2.5 })),
  },
  {
    name: 'failed-credits-beside-data',
    note: 'Credits are looked for where the page has them.',
    body: body({ credits_charged: 2, data: {} }),
    expect: accept(failed()),
  },
  {
    name: 'failed-other-types-are-tolerated',
    note: 'Nothing but event and task_id can make a failure unreadable.',
    body: body({ task_type: 5, status: { a: 1 }, timestamp: 1734948000, data: { error: text, credits_charged: '6', url: [] } }),
    expect: accept(failed({ reason: text })),
  },
  {
    name: 'failed-optional-fields-null',
    body: body({ task_type: null, status: null, timestamp: null, data: { error: null, code: null, credits_charged: null } }),
    expect: accept(failed()),
  },
  {
    name: 'failed-keys-in-other-order',
    body: JSON.stringify({ data: { code: 'E1', error: text }, task_id: 'task_yyy', event: 'job.failed' }),
    expect: accept(failed({ reason: text, code: 'E1' })),
  },
  {
    name: 'failed-white-space-signed-raw',
    body: JSON.stringify({ ...head, data: { error: text } }, null, '\t'),
    expect: accept(failed({ reason: text })),
  },
];

const eachName = NAMES.flatMap((name) => [
  {
    name: `failed-reason-in-data-${kebab(name)}`,
    body: body({ data: { [name]: text } }),
    expect: accept(failed({ reason: text })),
  },
  {
    name: `failed-reason-beside-data-${kebab(name)}`,
    body: body({ data: { url: null }, [name]: text }),
    expect: accept(failed({ reason: text })),
  },
]);

// The text says which name it stands under; keys are in the opposite order, so
// that the order of names decides and not the order of keys.
const precedence = NAMES.slice(0, -1).flatMap((first, index) => {
  const later = NAMES.slice(index).reverse().map((name) => [name, `from ${name}`]);
  return [
    {
      name: `failed-reason-in-data-${kebab(first)}-comes-first`,
      body: body({ data: Object.fromEntries(later) }),
      expect: accept(failed({ reason: `from ${first}` })),
    },
    {
      name: `failed-reason-beside-data-${kebab(first)}-comes-first`,
      body: body(Object.fromEntries(later)),
      expect: accept(failed({ reason: `from ${first}` })),
    },
  ];
});

const places = [
  {
    name: 'failed-reason-without-data',
    body: body({ error: text }),
    expect: accept(failed({ reason: text })),
  },
  {
    name: 'failed-reason-in-data-beats-beside',
    note: 'The last name in data comes before the first name beside it.',
    body: body({ error: 'beside', data: { failure_reason: text } }),
    expect: accept(failed({ reason: text })),
  },
  {
    name: 'failed-data-is-the-reason',
    body: body({ data: text }),
    expect: accept(failed({ reason: text })),
  },
  {
    name: 'failed-data-is-text-but-a-name-gives-one',
    body: body({ data: 'not this', message: text }),
    expect: accept(failed({ reason: text })),
  },
  ...Object.entries({ empty: '', null: null, number: 5, list: [text], bool: false }).map(([kind, data]) => ({
    name: `failed-data-${kind}`,
    body: body({ data }),
    expect: accept(failed()),
  })),
  {
    name: 'failed-data-list-reason-beside',
    body: body({ data: [{ error: 'not this' }], reason: text }),
    expect: accept(failed({ reason: text })),
  },
];

const notFound = Object.entries({ null: null, empty: '', bool: false, number: 42, list: [text], object: {} }).flatMap(([kind, value]) => [
  {
    name: `failed-error-${kind}-is-passed-over`,
    body: body({ data: { error: value, message: text } }),
    expect: accept(failed({ reason: text })),
  },
  {
    name: `failed-error-${kind}-gives-no-reason`,
    body: body({ data: { error: value }, error: value }),
    expect: accept(failed()),
  },
]);

const objects = [
  {
    name: 'failed-error-object',
    body: body({ data: { error: { code: 'content_policy', message: text } } }),
    expect: accept(failed({ reason: text, code: 'content_policy' })),
  },
  {
    name: 'failed-error-object-beside-data',
    body: body({ error: { code: 'content_policy', message: text } }),
    expect: accept(failed({ reason: text, code: 'content_policy' })),
  },
  {
    name: 'failed-error-object-reason',
    body: body({ data: { error: { reason: text } } }),
    expect: accept(failed({ reason: text })),
  },
  {
    name: 'failed-error-object-error',
    body: body({ data: { error: { error: text } } }),
    expect: accept(failed({ reason: text })),
  },
  {
    name: 'failed-error-object-message-comes-first',
    body: body({ data: { error: { error: 'third', reason: 'second', message: text } } }),
    expect: accept(failed({ reason: text })),
  },
  {
    name: 'failed-error-object-reason-comes-before-error',
    body: body({ data: { error: { error: 'third', reason: text, message: '' } } }),
    expect: accept(failed({ reason: text })),
  },
  {
    name: 'failed-error-object-in-object',
    note: 'Nothing is looked for deeper than that.',
    body: body({ data: { error: { error: { message: text } } } }),
    expect: accept(failed()),
  },
  {
    name: 'failed-reason-object',
    note: 'Any of the names may hold an object.',
    body: body({ failure_reason: { message: text, type: 'policy' } }),
    expect: accept(failed({ reason: text, code: 'policy' })),
  },
  {
    name: 'failed-error-object-with-only-a-code',
    body: body({ data: { error: { code: 'gpu_lost' } } }),
    expect: accept(failed({ code: 'gpu_lost' })),
  },
  {
    name: 'failed-error-object-with-only-a-code-and-a-message-beside-it',
    note: 'The search for a reason goes on; a code that was found is kept.',
    body: body({ data: { error: { code: 'gpu_lost' }, message: text } }),
    expect: accept(failed({ reason: text, code: 'gpu_lost' })),
  },
  {
    name: 'failed-error-object-without-a-text-and-one-with-a-text',
    note: 'Reason and code of one object belong together.',
    body: body({ data: { error: { code: 'not this' }, reason: { code: 'gpu_lost', message: text } } }),
    expect: accept(failed({ reason: text, code: 'gpu_lost' })),
  },
];

const codes = [
  {
    name: 'failed-code-integer',
    note: 'An integer becomes text.',
    body: body({ data: { error: { code: 4001, message: text } } }),
    expect: accept(failed({ reason: text, code: '4001' })),
  },
  {
    name: 'failed-code-negative-integer',
    body: body({ data: { error: { code: -5, message: text } } }),
    expect: accept(failed({ reason: text, code: '-5' })),
  },
  {
    name: 'failed-code-zero',
    body: body({ data: { error: { code: 0, message: text } } }),
    expect: accept(failed({ reason: text, code: '0' })),
  },
  {
    name: 'failed-code-fraction',
    note: 'A fraction is no code.',
    body: body({ data: { error: { code: 4.5, message: text } } }),
    expect: accept(failed({ reason: text })),
  },
  {
    name: 'failed-type-is-the-code',
    body: body({ data: { error: { type: 'timeout', message: text } } }),
    expect: accept(failed({ reason: text, code: 'timeout' })),
  },
  {
    name: 'failed-code-comes-before-type',
    body: body({ data: { error: { type: 'timeout', code: 'E7', message: text } } }),
    expect: accept(failed({ reason: text, code: 'E7' })),
  },
  ...Object.entries({ null: null, empty: '', bool: true, list: [1] }).map(([kind, code]) => ({
    name: `failed-code-${kind}-is-passed-over`,
    body: body({ data: { error: { code, type: 'timeout', message: text } } }),
    expect: accept(failed({ reason: text, code: 'timeout' })),
  })),
  {
    name: 'failed-type-integer-is-no-code',
    note: 'Only a code may be a number.',
    body: body({ data: { error: { type: 7, message: text } } }),
    expect: accept(failed({ reason: text })),
  },
  {
    name: 'failed-code-in-data',
    body: body({ data: { error: text, code: 'E2' } }),
    expect: accept(failed({ reason: text, code: 'E2' })),
  },
  {
    name: 'failed-code-in-data-integer',
    body: body({ data: { error: text, code: 502 } }),
    expect: accept(failed({ reason: text, code: '502' })),
  },
  {
    name: 'failed-error-code-in-data',
    body: body({ data: { message: text, error_code: 'E3' } }),
    expect: accept(failed({ reason: text, code: 'E3' })),
  },
  {
    name: 'failed-code-in-data-comes-before-error-code',
    body: body({ data: { error_code: 'second', code: 'E4' } }),
    expect: accept(failed({ code: 'E4' })),
  },
  {
    name: 'failed-code-beside-data',
    body: body({ code: 'E5', error: text }),
    expect: accept(failed({ reason: text, code: 'E5' })),
  },
  {
    name: 'failed-error-code-beside-data',
    body: body({ error_code: 'E6', data: text }),
    expect: accept(failed({ reason: text, code: 'E6' })),
  },
  {
    name: 'failed-code-in-data-beats-beside',
    body: body({ code: 'beside', data: { error_code: 'E7' } }),
    expect: accept(failed({ code: 'E7' })),
  },
  {
    name: 'failed-code-of-the-object-beats-code-in-data',
    body: body({ data: { code: 'second', error: { type: 'first', message: text } } }),
    expect: accept(failed({ reason: text, code: 'first' })),
  },
  {
    name: 'failed-code-in-data-when-the-object-has-none',
    body: body({ data: { code: 'E8', error: { message: text } } }),
    expect: accept(failed({ reason: text, code: 'E8' })),
  },
  ...Object.entries({ null: null, empty: '', bool: true, fraction: 1.5, object: { code: 'x' } }).map(([kind, code]) => ({
    name: `failed-code-in-data-${kind}-is-passed-over`,
    body: body({ data: { code }, code: 'E9' }),
    expect: accept(failed({ code: 'E9' })),
  })),
];

// Each source by itself: what cannot be read hides nothing that can be.
const cut = 'cut \ud83c';
const unreadable = [
  {
    name: 'failed-reason-cut',
    note: 'A text that was cut within an emoji.',
    body: body({ data: { error: cut } }),
    expect: accept(failed()),
  },
  {
    name: 'failed-reason-cut-message-readable',
    body: body({ data: { error: cut }, message: text }),
    expect: accept(failed({ reason: text })),
  },
  {
    name: 'failed-message-cut-code-readable',
    body: body({ data: { error: { message: cut, code: 'E1' } } }),
    expect: accept(failed({ code: 'E1' })),
  },
  {
    name: 'failed-code-cut-type-readable',
    body: body({ data: { error: { message: text, code: cut, type: 'timeout' } } }),
    expect: accept(failed({ reason: text, code: 'timeout' })),
  },
  {
    name: 'failed-reason-cut-error-code-readable',
    body: body({ data: { reason: cut, error: { code: 'E2' } } }),
    expect: accept(failed({ code: 'E2' })),
  },
  {
    name: 'failed-data-cut',
    body: body({ data: cut, error_code: 7 }),
    expect: accept(failed({ code: '7' })),
  },
  {
    name: 'failed-other-fields-cut',
    body: body({ task_type: cut, status: cut, timestamp: cut, x: { [cut]: [cut] }, data: { error: text, [cut]: cut } }),
    expect: accept(failed({ reason: text })),
  },
  {
    name: 'failed-numbers-beyond-double',
    body: body({ status: 'failed', data: { error: text } })
      .replace('"failed"', '-1e999').replace('{"error"', '{"credits_charged":1e400,"code":1e400,"x":[1e400],"error"'),
    expect: accept(failed({ reason: text })),
  },
  {
    name: 'failed-code-whole-in-another-form',
    body: body({ data: { error: text } }).replace('{"error"', '{"code":4.0e2,"error"'),
    expect: accept(failed({ reason: text, code: '400' })),
  },
];

export const failedEvents = [...shapes, ...eachName, ...precedence, ...places, ...notFound, ...objects, ...codes, ...unreadable].map(delivery);
