// Holds every vector against the schema of README.md, so that a slip of the
// pen in a case cannot become an expectation.

import { STATUS } from './delivery.mjs';

const OPTIONS = {
  tolerance_past_ms: isCount,
  tolerance_future_ms: isCount,
  max_body_bytes: isCount,
  accept_reserialized: (value) => value === true,
};

const EVENTS = {
  completed: {
    task_id: isText, task_type: orNull(isString), status: orNull(isString), url: isText,
    credits_charged: orNull(Number.isFinite), timestamp: orNull(isString),
  },
  failed: {
    task_id: isText, task_type: orNull(isString), status: orNull(isString), reason: orNull(isText),
    code: orNull(isText), credits_charged: orNull(Number.isFinite), timestamp: orNull(isString),
  },
  unknown: { event: isText, task_id: orNull(isText) },
};

/** Throws an error that lists everything that is wrong. */
export function validate(groups) {
  const seen = new Map();
  const problems = [];
  for (const [group, vectors] of groups) {
    if (vectors.length === 0) problems.push(`${group}: empty`);
    for (const vector of vectors) {
      for (const problem of problemsOf(vector)) problems.push(`${group}: ${vector.name}: ${problem}`);
      if (seen.has(vector.name)) problems.push(`${group}: ${vector.name}: also in ${seen.get(vector.name)}`);
      seen.set(vector.name, group);
    }
  }
  if (problems.length > 0) throw new Error(`not of the schema:\n  ${problems.join('\n  ')}`);
}

function* problemsOf(vector) {
  yield* members(vector, {
    name: (name) => /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name),
    note: optional(isText),
    transport: optional((value) => value === 'direct'),
    secrets: (secrets) => Array.isArray(secrets) && secrets.length > 0 && secrets.every(isText),
    options: optional((options) => Object.keys(options).length > 0),
    now_ms: isCount,
    headers: Array.isArray,
    body: isBase64,
    expect: (expect) => typeof expect === 'object',
  });
  for (const [option, value] of Object.entries(vector.options ?? {})) {
    if (!OPTIONS[option]?.(value)) yield `option ${option}`;
  }
  let needsDirect = false;
  for (const [header, value, ...rest] of vector.headers) {
    if (!/^[A-Za-z0-9_-]+$/.test(header) || rest.length > 0) yield `header ${header}`;
    if (typeof value === 'string' ? !/^[\x20-\x7e]*$/.test(value) : !isBase64(value.base64)) yield `value of ${header}`;
    needsDirect ||= !surviveTransport(value);
  }
  if (needsDirect !== (vector.transport === 'direct')) yield 'transport';
  yield* expectation(vector.expect);
}

function* expectation(expect) {
  if (expect.status !== 200) {
    yield* members(expect, { status: (status) => status === STATUS[expect.code], code: (code) => code in STATUS });
    return;
  }
  yield* members(expect, {
    status: () => true,
    event: (event) => event.type in EVENTS,
    secret: isCount,
    signed_at_ms: isCount,
    signed_body: optional(isBase64),
  });
  yield* members(expect.event, { type: () => true, ...EVENTS[expect.event.type] });
}

function* members(object, checks) {
  for (const key of Object.keys(object)) {
    if (!(key in checks)) yield `unknown member ${key}`;
  }
  for (const [key, check] of Object.entries(checks)) {
    if (!check(object[key])) yield `member ${key}`;
  }
}

// An HTTP parser trims spaces and tabs around a value and refuses control
// characters in it (RFC 9110, section 5.5).
function surviveTransport(value) {
  const raw = typeof value === 'string' ? value : Buffer.from(value.base64, 'base64').toString('latin1');
  return !/^[ \t]|[ \t]$|[\x00-\x08\x0a-\x1f\x7f]/.test(raw);
}

function isBase64(value) {
  return isString(value) && Buffer.from(value, 'base64').toString('base64') === value;
}

// Never beyond 2^53 - 1: every JSON reader gets these exactly.
function isCount(value) {
  return Number.isSafeInteger(value) && value >= 0;
}

function isString(value) {
  return typeof value === 'string' && value.isWellFormed();
}

function isText(value) {
  return isString(value) && value !== '';
}

function optional(check) {
  return (value) => value === undefined || check(value);
}

function orNull(check) {
  return (value) => value === null || check(value);
}
