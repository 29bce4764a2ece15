// Several secrets: the current one and previous ones. Which one matched is
// reported, so that an operator sees when an old one can go.

import { accept, completed, delivery, DOCUMENTED_BODY, OLDEST, payload, PREVIOUS, refuse, SECRET, TIMESTAMP, unknown } from '../delivery.mjs';
import { sign } from '../documented.mjs';

const matches = (secret) => accept(completed(), { secret });

export const rotation = [
  { name: 'rotation-current-of-two', secrets: [SECRET, PREVIOUS], signed: { secret: SECRET }, expect: matches(0) },
  { name: 'rotation-previous-of-two', secrets: [SECRET, PREVIOUS], signed: { secret: PREVIOUS }, expect: matches(1) },
  { name: 'rotation-current-of-three', secrets: [SECRET, PREVIOUS, OLDEST], signed: { secret: SECRET }, expect: matches(0) },
  { name: 'rotation-first-previous-of-three', secrets: [SECRET, PREVIOUS, OLDEST], signed: { secret: PREVIOUS }, expect: matches(1) },
  { name: 'rotation-second-previous-of-three', secrets: [SECRET, PREVIOUS, OLDEST], signed: { secret: OLDEST }, expect: matches(2) },
  {
    name: 'rotation-order-is-kept',
    note: 'The index is the place in the list.',
    secrets: [SECRET, OLDEST, PREVIOUS],
    signed: { secret: OLDEST },
    expect: matches(1),
  },
  {
    name: 'rotation-not-done-by-the-receiver-yet',
    note: 'The provider already signs with the new secret.',
    secrets: [PREVIOUS],
    signed: { secret: SECRET },
    expect: refuse('signature_mismatch'),
  },
  {
    name: 'rotation-previous-was-removed',
    secrets: [SECRET],
    signed: { secret: PREVIOUS },
    expect: refuse('signature_mismatch'),
  },
  {
    name: 'rotation-none-of-two',
    secrets: [SECRET, PREVIOUS],
    signed: { secret: OLDEST },
    expect: refuse('signature_mismatch'),
  },
  {
    name: 'rotation-none-of-three',
    secrets: [SECRET, PREVIOUS, OLDEST],
    signed: { secret: 'never-configured' },
    expect: refuse('signature_mismatch'),
  },
  {
    name: 'rotation-none-of-three-empty-key',
    secrets: [SECRET, PREVIOUS, OLDEST],
    signed: { secret: '' },
    expect: refuse('signature_mismatch'),
  },
  {
    name: 'rotation-secrets-joined',
    secrets: [SECRET, PREVIOUS],
    signed: { secret: `${SECRET},${PREVIOUS}` },
    expect: refuse('signature_mismatch'),
  },
  {
    name: 'rotation-first-match-counts',
    note: 'The same secret twice is reported at its first place.',
    secrets: [PREVIOUS, SECRET, SECRET],
    signed: { secret: SECRET },
    expect: matches(1),
  },
  {
    name: 'rotation-one-a-prefix-of-the-other',
    secrets: ['secret', 'secret-2'],
    signed: { secret: 'secret-2' },
    expect: matches(1),
  },
  {
    name: 'rotation-eight-secrets',
    secrets: Array.from({ length: 8 }, (_, index) => `secret-number-${index}`),
    signed: { secret: 'secret-number-7' },
    expect: matches(7),
  },
  {
    name: 'rotation-previous-signs-an-unknown-event',
    secrets: [SECRET, PREVIOUS],
    signed: { secret: PREVIOUS },
    body: JSON.stringify(payload({ event: 'job.progress' })),
    expect: accept(unknown('job.progress', 'task_xxx'), { secret: 1 }),
  },
  {
    name: 'rotation-two-signatures-are-not-accepted',
    note: 'A sender that rotates signs once; a list is not of the form.',
    secrets: [SECRET, PREVIOUS],
    signature: `${sign(SECRET, TIMESTAMP, DOCUMENTED_BODY)},${sign(PREVIOUS, TIMESTAMP, DOCUMENTED_BODY)}`,
    expect: refuse('malformed_signature'),
  },
  {
    name: 'rotation-previous-signs-an-invalid-event',
    secrets: [SECRET, PREVIOUS],
    signed: { secret: PREVIOUS },
    body: '{}',
    expect: refuse('invalid_event'),
  },
].map(delivery);
