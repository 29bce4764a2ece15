// The window (D4): inclusive on both sides, in milliseconds, 300 seconds either
// way unless told otherwise.

import { accept, completed, delivery, NOW, refuse } from '../delivery.mjs';

const MAX = Number.MAX_SAFE_INTEGER;
const inside = (signedAt) => accept(completed(), { signedAt });
const outside = refuse('timestamp_out_of_tolerance');

const edges = [
  // name, timestamp, meaning in ms, clock
  ['seconds', '1734948000', NOW],
  ['milliseconds', '1734948000123', NOW + 123],
].flatMap(([unit, timestamp, signedAt]) => [
  { name: `window-${unit}-now`, timestamp, now: signedAt, expect: inside(signedAt) },
  { name: `window-${unit}-oldest`, note: 'Exactly 300 s old.', timestamp, now: signedAt + 300_000, expect: inside(signedAt) },
  { name: `window-${unit}-too-old`, note: 'One millisecond more.', timestamp, now: signedAt + 300_001, expect: outside },
  { name: `window-${unit}-furthest-ahead`, note: 'Exactly 300 s ahead.', timestamp, now: signedAt - 300_000, expect: inside(signedAt) },
  { name: `window-${unit}-too-far-ahead`, note: 'One millisecond more.', timestamp, now: signedAt - 300_001, expect: outside },
]);

const wholeSeconds = [
  { name: 'window-oldest-second', timestamp: '1734947700', expect: inside(NOW - 300_000) },
  { name: 'window-second-too-old', timestamp: '1734947699', expect: outside },
  { name: 'window-furthest-second-ahead', timestamp: '1734948300', expect: inside(NOW + 300_000) },
  { name: 'window-second-too-far-ahead', timestamp: '1734948301', expect: outside },
  { name: 'window-millisecond-too-old', timestamp: '1734947699999', expect: outside },
  { name: 'window-millisecond-too-far-ahead', timestamp: '1734948300001', expect: outside },
  { name: 'window-a-day-old', timestamp: '1734861600', expect: outside },
  { name: 'window-a-day-ahead', timestamp: '1735034400', expect: outside },
  { name: 'window-an-hour-old', note: 'A sender in local time.', timestamp: '1734944400', expect: outside },
];

const asymmetric = { tolerance_past_ms: 60_000, tolerance_future_ms: 5_000 };
const configured = [
  { name: 'window-asymmetric-oldest', options: asymmetric, now: NOW + 60_000, expect: inside(NOW) },
  { name: 'window-asymmetric-too-old', options: asymmetric, now: NOW + 60_001, expect: outside },
  { name: 'window-asymmetric-furthest-ahead', options: asymmetric, now: NOW - 5_000, expect: inside(NOW) },
  { name: 'window-asymmetric-too-far-ahead', options: asymmetric, now: NOW - 5_001, expect: outside },
  {
    name: 'window-past-only',
    note: 'One side set, the other by default.',
    options: { tolerance_past_ms: 1_000 },
    now: NOW - 300_000,
    expect: inside(NOW),
  },
  { name: 'window-past-only-too-old', options: { tolerance_past_ms: 1_000 }, now: NOW + 1_001, expect: outside },
  { name: 'window-future-only', options: { tolerance_future_ms: 1_000 }, now: NOW + 300_000, expect: inside(NOW) },
  { name: 'window-future-only-too-far-ahead', options: { tolerance_future_ms: 1_000 }, now: NOW - 1_001, expect: outside },
  ...[
    ['exact', NOW, inside(NOW)],
    ['one-late', NOW + 1, outside],
    ['one-early', NOW - 1, outside],
    ['within-the-second', NOW + 999, outside],
  ].map(([kind, now, expect]) => ({
    name: `window-zero-${kind}`,
    note: 'No tolerance: a timestamp in seconds means the first millisecond of its second.',
    options: { tolerance_past_ms: 0, tolerance_future_ms: 0 },
    now,
    expect,
  })),
  {
    name: 'window-sub-second-tolerance',
    options: { tolerance_past_ms: 250 },
    timestamp: '1734948000123',
    now: NOW + 373,
    expect: inside(NOW + 123),
  },
  { name: 'window-sub-second-tolerance-exceeded', options: { tolerance_past_ms: 250 }, timestamp: '1734948000123', now: NOW + 374, expect: outside },
  {
    name: 'window-huge-tolerance-past',
    note: 'Nothing overflows.',
    options: { tolerance_past_ms: MAX },
    timestamp: '0',
    expect: inside(0),
  },
  {
    name: 'window-huge-tolerance-future',
    options: { tolerance_future_ms: MAX },
    timestamp: String(MAX),
    now: 0,
    expect: inside(MAX),
  },
];

const unitBoundary = [
  {
    name: 'window-last-value-in-seconds',
    note: '99999999999 is read as seconds: the year 5138.',
    timestamp: '99999999999',
    now: 99_999_999_999_000,
    expect: inside(99_999_999_999_000),
  },
  {
    name: 'window-last-value-in-seconds-is-not-milliseconds',
    timestamp: '99999999999',
    now: 99_999_999_999,
    expect: outside,
  },
  {
    name: 'window-first-value-in-milliseconds',
    note: '100000000000 is read as milliseconds: March 1973.',
    timestamp: '100000000000',
    now: 100_000_000_000,
    expect: inside(100_000_000_000),
  },
  {
    name: 'window-first-value-in-milliseconds-is-not-seconds',
    timestamp: '100000000000',
    now: 100_000_000_000_000,
    expect: outside,
  },
  {
    name: 'window-first-value-in-milliseconds-with-leading-zeros',
    timestamp: '00000000100000000000',
    now: 100_000_000_000,
    expect: inside(100_000_000_000),
  },
  { name: 'window-microseconds', note: 'No third unit is guessed.', timestamp: '1734948000000000', expect: outside },
  { name: 'window-nanoseconds', timestamp: '1734948000000000000', expect: outside },
];

const extremes = [
  { name: 'window-epoch', timestamp: '0', now: 0, expect: inside(0) },
  { name: 'window-epoch-of-twenty-zeros', timestamp: '0'.repeat(20), now: 0, expect: inside(0) },
  { name: 'window-small-clock', note: 'The clock is smaller than the tolerance.', timestamp: '0', now: 100, expect: inside(0) },
  { name: 'window-small-clock-ahead', timestamp: '300', now: 0, expect: inside(300_000) },
  { name: 'window-small-clock-too-far-ahead', timestamp: '301', now: 0, expect: outside },
  { name: 'window-small-clock-oldest', timestamp: '0', now: 300_000, expect: inside(0) },
  { name: 'window-small-clock-too-old', timestamp: '0', now: 300_001, expect: outside },
  { name: 'window-zero-timestamp', note: 'Not taken for "no check".', timestamp: '0', expect: outside },
  { name: 'window-clock-at-zero', note: 'A broken clock refuses.', now: 0, expect: outside },
  { name: 'window-largest-safe-integer', timestamp: String(MAX), now: MAX, expect: inside(MAX) },
  { name: 'window-beyond-i64', note: 'One more than a signed 64-bit number holds.', timestamp: '9223372036854775808', expect: outside },
  { name: 'window-largest-u64', note: 'Fits in 64 bits, so it is of the form.', timestamp: '18446744073709551615', expect: outside },
  { name: 'window-largest-u64-clock-at-zero', timestamp: '18446744073709551615', now: 0, expect: outside },
  { name: 'window-largest-u64-largest-clock', timestamp: '18446744073709551615', now: MAX, expect: outside },
];

export const window = [...edges, ...wholeSeconds, ...configured, ...unitBoundary, ...extremes].map(delivery);
