// Events that the page does not name reach the handler too (D6).

import { accept, delivery, DOCUMENTED_BODY, payload, unknown } from '../delivery.mjs';

export const unknownEvents = [
  {
    name: 'unknown-with-task-id',
    body: JSON.stringify(payload({ event: 'job.progress', status: 'running' })),
    expect: accept(unknown('job.progress', 'task_xxx')),
  },
  {
    name: 'unknown-without-task-id',
    body: JSON.stringify({ event: 'account.low_credits', data: { left: 3 } }),
    expect: accept(unknown('account.low_credits')),
  },
  {
    name: 'unknown-with-nothing-else',
    body: '{"event":"ping"}',
    expect: accept(unknown('ping')),
  },
  {
    name: 'unknown-unicode',
    body: '{"event":"événement.🍌","task_id":"tâche"}',
    expect: accept(unknown('événement.🍌', 'tâche')),
  },
  {
    name: 'unknown-by-case',
    note: 'Event names are case-sensitive.',
    body: DOCUMENTED_BODY.replace('job.completed', 'Job.Completed'),
    expect: accept(unknown('Job.Completed', 'task_xxx')),
  },
  {
    name: 'unknown-by-trailing-space',
    body: DOCUMENTED_BODY.replace('job.completed', 'job.completed '),
    expect: accept(unknown('job.completed ', 'task_xxx')),
  },
  {
    name: 'unknown-by-longer-name',
    body: DOCUMENTED_BODY.replace('job.completed', 'job.completed.v2'),
    expect: accept(unknown('job.completed.v2', 'task_xxx')),
  },
  {
    name: 'unknown-event-of-one-space',
    note: 'Not empty, so it is a name.',
    body: '{"event":" "}',
    expect: accept(unknown(' ')),
  },
  ...Object.entries({ null: null, empty: '', number: 7, bool: true, list: ['t'], object: { id: 't' } }).map(([kind, task_id]) => ({
    name: `unknown-task-id-${kind}`,
    note: 'An unknown event may use the name in its own way.',
    body: JSON.stringify({ event: 'job.progress', task_id }),
    expect: accept(unknown('job.progress')),
  })),
  {
    name: 'unknown-other-types-are-tolerated',
    body: JSON.stringify({ event: 'job.progress', task_id: 't', task_type: 1, status: [], timestamp: {}, data: 'half way' }),
    expect: accept(unknown('job.progress', 't')),
  },
  {
    name: 'unknown-other-fields-given-twice',
    note: 'Only event and task_id are known fields of an unknown event.',
    body: '{"event":"job.progress","task_id":"t","status":"a","status":"b","data":{"url":"a","url":"b"},"data":1}',
    expect: accept(unknown('job.progress', 't')),
  },
  {
    name: 'unknown-task-id-half-a-surrogate-pair',
    body: '{"event":"job.progress","task_id":"cut \\ud83c"}',
    expect: accept(unknown('job.progress')),
  },
  {
    name: 'unknown-other-fields-cut',
    note: 'A text that was cut within an emoji, as a value and as a name.',
    body: '{"event":"job.progress","task_id":"t","status":"\\ud83c","\\udf4c":{"\\ud83c":"\\udf4c"},"data":"\\ud83c"}',
    expect: accept(unknown('job.progress', 't')),
  },
  {
    name: 'unknown-numbers-beyond-double',
    body: '{"event":"job.progress","task_id":"t","data":{"credits_charged":1e400},"x":[-1e999]}',
    expect: accept(unknown('job.progress', 't')),
  },
  {
    name: 'unknown-white-space-signed-raw',
    body: '\n{ "event" : "job.progress" }\n',
    expect: accept(unknown('job.progress')),
  },
].map(delivery);
