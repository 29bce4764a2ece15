// Well-formed, fresh, and not what was signed.

import crypto from 'node:crypto';

import { delivery, DOCUMENTED_BODY, payload, PREVIOUS, refuse, SECRET, TIMESTAMP } from '../delivery.mjs';
import { hmacHex, message, sign } from '../documented.mjs';

const HEX = sign(SECRET, TIMESTAMP, DOCUMENTED_BODY).slice('v1='.length);

function flipBit(text, byte, bit) {
  const bytes = Buffer.from(text);
  bytes[byte] ^= 1 << bit;
  return bytes;
}

function otherDigit(index) {
  const digit = (parseInt(HEX[index], 16) ^ 1).toString(16);
  return `v1=${HEX.slice(0, index)}${digit}${HEX.slice(index + 1)}`;
}

// The documented payload was signed, something else arrives.
const bodies = [
  ['first-bit-of-body', flipBit(DOCUMENTED_BODY, 0, 7)],
  ['last-bit-of-body', flipBit(DOCUMENTED_BODY, DOCUMENTED_BODY.length - 1, 0)],
  ['one-bit-of-the-credits', DOCUMENTED_BODY.replace('"credits_charged":6', '"credits_charged":7'), 'Still a valid event.'],
  ['one-bit-of-the-task-id', DOCUMENTED_BODY.replace('task_xxx', 'task_xxy')],
  ['event-name', DOCUMENTED_BODY.replace('job.completed', 'job.failed')],
  ['url', DOCUMENTED_BODY.replace('cdn.example.com', 'cdn.example.net')],
  ['body-truncated', DOCUMENTED_BODY.slice(0, -1)],
  ['body-cut-in-half', DOCUMENTED_BODY.slice(0, 96)],
  ['body-empty', ''],
  ['body-doubled', DOCUMENTED_BODY + DOCUMENTED_BODY],
  ['first-byte-missing', DOCUMENTED_BODY.slice(1)],
  ['key-added', DOCUMENTED_BODY.replace('{"event"', '{"x":1,"event"')],
  ['key-given-twice', DOCUMENTED_BODY.replace('{"event"', '{"event":"job.failed","event"'),
    'JSON.stringify of what a parser keeps is the signed text; the raw bytes are not.', 'snippet-accepts'],
  ['newline-appended', `${DOCUMENTED_BODY}\n`, 'By an editor or a shell.', 'snippet-accepts'],
  ['carriage-return-and-newline-appended', `${DOCUMENTED_BODY}\r\n`, undefined, 'snippet-accepts'],
  ['space-prepended', ` ${DOCUMENTED_BODY}`, undefined, 'snippet-accepts'],
  ['nul-appended', `${DOCUMENTED_BODY}\0`],
  ['byte-order-mark-prepended', `\ufeff${DOCUMENTED_BODY}`],
  ['indented', JSON.stringify(payload(), null, 2),
    'By a proxy. The documented snippet takes it, since it prints what it parsed; here that is an option (D2).', 'snippet-accepts'],
  ['spaces-after-colons', DOCUMENTED_BODY.replaceAll('":', '": '), 'As other languages print JSON.', 'snippet-accepts'],
  ['slashes-escaped', DOCUMENTED_BODY.replaceAll('/', '\\/'), undefined, 'snippet-accepts'],
  ['keys-reordered', JSON.stringify(Object.fromEntries(Object.entries(payload()).reverse()))],
  ['number-form', DOCUMENTED_BODY.replace('"credits_charged":6', '"credits_charged":6.0'), undefined, 'snippet-accepts'],
].map(([kind, body, note, claim]) => ({
  name: `tampered-${kind}`,
  note,
  body,
  signed: { body: DOCUMENTED_BODY },
  claim,
  expect: refuse('signature_mismatch'),
}));

const accented = JSON.stringify(payload({ task_id: 'été' }));
const encodings = [
  {
    name: 'tampered-escaped-to-ascii',
    note: 'Another text for the same string.',
    body: accented.replaceAll('é', '\\u00e9'),
    signed: { body: accented },
    claim: 'snippet-accepts',
    expect: refuse('signature_mismatch'),
  },
  {
    name: 'tampered-transcoded-to-latin-1',
    body: Buffer.from(accented, 'latin1'),
    signed: { body: accented },
    expect: refuse('signature_mismatch'),
  },
  {
    name: 'tampered-normalised',
    body: accented.normalize('NFD'),
    signed: { body: accented },
    expect: refuse('signature_mismatch'),
  },
];

// Signed for one timestamp, sent with another that is as fresh.
const timestamps = [
  ['one-second-later', '1734948001'],
  ['one-second-earlier', '1734947999'],
  ['in-milliseconds', '1734948000000', 'The same instant, but another text.'],
  ['leading-zero-added', '01734948000', 'The same value, but another text.'],
].map(([kind, timestamp, note]) => ({
  name: `tampered-timestamp-${kind}`,
  note,
  timestamp,
  signed: { timestamp: TIMESTAMP },
  expect: refuse('signature_mismatch'),
})).concat([
  {
    name: 'tampered-timestamp-leading-zero-removed',
    note: 'A receiver that prints the number again would take this.',
    signed: { timestamp: '01734948000' },
    expect: refuse('signature_mismatch'),
  },
]);

// A MAC, but not of this message under this key.
const macs = [
  ['first-digit', otherDigit(0)],
  ['middle-digit', otherDigit(31)],
  ['last-digit', otherDigit(63)],
  ['all-zeros', `v1=${'0'.repeat(64)}`],
  ['all-f', `v1=${'f'.repeat(64)}`],
  ['reversed', `v1=${[...HEX].reverse().join('')}`],
  ['of-another-task', sign(SECRET, TIMESTAMP, JSON.stringify(payload({ task_id: 'task_zzz' })))],
  ['under-another-secret', sign(PREVIOUS, TIMESTAMP, DOCUMENTED_BODY)],
  ['under-an-empty-key', sign('', TIMESTAMP, DOCUMENTED_BODY), 'An unset variable must not become a key that all the world has.'],
  ['under-the-text-undefined', sign('undefined', TIMESTAMP, DOCUMENTED_BODY)],
  ['under-the-text-null', sign('null', TIMESTAMP, DOCUMENTED_BODY)],
  ['of-the-empty-message', `v1=${hmacHex(SECRET, '')}`],
  ['of-the-body-alone', `v1=${hmacHex(SECRET, DOCUMENTED_BODY)}`, 'A captured body could then be replayed for ever.'],
  ['of-the-timestamp-alone', `v1=${hmacHex(SECRET, TIMESTAMP)}`],
  ['of-timestamp-and-dot', `v1=${hmacHex(SECRET, `${TIMESTAMP}.`)}`],
  ['without-separator', `v1=${hmacHex(SECRET, TIMESTAMP + DOCUMENTED_BODY)}`],
  ['with-a-colon', `v1=${hmacHex(SECRET, `${TIMESTAMP}:${DOCUMENTED_BODY}`)}`],
  ['with-a-newline', `v1=${hmacHex(SECRET, `${TIMESTAMP}\n${DOCUMENTED_BODY}`)}`],
  ['with-two-dots', `v1=${hmacHex(SECRET, `${TIMESTAMP}..${DOCUMENTED_BODY}`)}`],
  ['body-first', `v1=${hmacHex(SECRET, `${DOCUMENTED_BODY}.${TIMESTAMP}`)}`],
  ['with-the-version', `v1=${hmacHex(SECRET, `v1:${TIMESTAMP}:${DOCUMENTED_BODY}`)}`, 'As Slack signs.'],
  ['of-a-quoted-body', `v1=${hmacHex(SECRET, `${TIMESTAMP}.${JSON.stringify(DOCUMENTED_BODY)}`)}`, 'A sender that stringified twice.'],
  ['of-object-object', `v1=${hmacHex(SECRET, `${TIMESTAMP}.[object Object]`)}`, 'A sender that forgot to stringify.'],
  ['sha-512-truncated', `v1=${hmacHex(SECRET, message(TIMESTAMP, DOCUMENTED_BODY), 'sha512').slice(0, 64)}`],
  ['sha3-256', `v1=${hmacHex(SECRET, message(TIMESTAMP, DOCUMENTED_BODY), 'sha3-256')}`],
  ['plain-hash', `v1=${crypto.createHash('sha256').update(message(TIMESTAMP, DOCUMENTED_BODY)).digest('hex')}`, 'No key at all.'],
  ['keyed-by-prefix', `v1=${crypto.createHash('sha256').update(SECRET).update(message(TIMESTAMP, DOCUMENTED_BODY)).digest('hex')}`,
    'SHA-256 of secret and message is not HMAC.'],
  ['key-and-message-swapped', `v1=${hmacHex(message(TIMESTAMP, DOCUMENTED_BODY), SECRET)}`],
].map(([kind, signature, note]) => ({
  name: `tampered-signature-${kind}`,
  note,
  signature,
  expect: refuse('signature_mismatch'),
}));

export const tampered = [...bodies, ...encodings, ...timestamps, ...macs].map(delivery);
