// The two headers: each once (D5), each of its form (D3, D4). Whatever is wrong
// with one of them, all else is right: the signature was made for the timestamp
// that is sent, so a receiver that is lax about form would take these.

import { delivery, DOCUMENTED_BODY, PREVIOUS, refuse, SECRET, TIMESTAMP } from '../delivery.mjs';
import { sign, SIGNATURE_HEADER, TIMESTAMP_HEADER } from '../documented.mjs';

const MAC = sign(SECRET, TIMESTAMP, DOCUMENTED_BODY);
const HEX = MAC.slice('v1='.length);
const OTHER = sign(PREVIOUS, TIMESTAMP, DOCUMENTED_BODY);

const missing = [
  ['missing-timestamp', (_, signature) => [[SIGNATURE_HEADER, signature]]],
  ['missing-signature', (timestamp) => [[TIMESTAMP_HEADER, timestamp]]],
  ['missing-both', () => []],
  ['missing-both-among-others', () => [['Content-Type', 'application/json'], ['X-Request-Id', 'a']]],
  ['missing-names-with-underscores', (timestamp, signature) => [['X_Nano_Timestamp', timestamp], ['X_Nano_Signature', signature]]],
  ['missing-names-without-prefix', (timestamp, signature) => [['Nano-Timestamp', timestamp], ['Nano-Signature', signature]]],
  ['missing-names-with-a-suffix', (timestamp, signature) => [[`${TIMESTAMP_HEADER}s`, timestamp], [`${SIGNATURE_HEADER}-256`, signature]]],
].map(([name, headers]) => ({ name, headers, expect: refuse('missing_header') }));

const duplicate = [
  ['duplicate-timestamp-equal', (t, s) => [[TIMESTAMP_HEADER, t], [TIMESTAMP_HEADER, t], [SIGNATURE_HEADER, s]]],
  ['duplicate-timestamp-right-first', (t, s) => [[TIMESTAMP_HEADER, t], [TIMESTAMP_HEADER, '1734948001'], [SIGNATURE_HEADER, s]]],
  ['duplicate-timestamp-right-last', (t, s) => [[TIMESTAMP_HEADER, '1734948001'], [TIMESTAMP_HEADER, t], [SIGNATURE_HEADER, s]]],
  ['duplicate-timestamp-apart', (t, s) => [[TIMESTAMP_HEADER, t], [SIGNATURE_HEADER, s], [TIMESTAMP_HEADER, t]]],
  ['duplicate-timestamp-in-other-case', (t, s) => [[TIMESTAMP_HEADER, t], [TIMESTAMP_HEADER.toLowerCase(), t], [SIGNATURE_HEADER, s]]],
  ['duplicate-timestamp-one-empty', (t, s) => [[TIMESTAMP_HEADER, t], [TIMESTAMP_HEADER, ''], [SIGNATURE_HEADER, s]]],
  ['duplicate-signature-equal', (t, s) => [[TIMESTAMP_HEADER, t], [SIGNATURE_HEADER, s], [SIGNATURE_HEADER, s]]],
  ['duplicate-signature-right-first', (t, s) => [[TIMESTAMP_HEADER, t], [SIGNATURE_HEADER, s], [SIGNATURE_HEADER, OTHER]]],
  ['duplicate-signature-right-last', (t, s) => [[TIMESTAMP_HEADER, t], [SIGNATURE_HEADER, OTHER], [SIGNATURE_HEADER, s]]],
  ['duplicate-signature-in-other-case', (t, s) => [[TIMESTAMP_HEADER, t], [SIGNATURE_HEADER, s], [SIGNATURE_HEADER.toUpperCase(), s]]],
  ['duplicate-signature-one-empty', (t, s) => [[SIGNATURE_HEADER, ''], [TIMESTAMP_HEADER, t], [SIGNATURE_HEADER, s]]],
  ['duplicate-both', (t, s) => [[TIMESTAMP_HEADER, t], [SIGNATURE_HEADER, s], [TIMESTAMP_HEADER, t], [SIGNATURE_HEADER, s]]],
  ['duplicate-timestamp-three-times', (t, s) => [...Array(3).fill([TIMESTAMP_HEADER, t]), [SIGNATURE_HEADER, s]]],
].map(([name, headers]) => ({ name, headers, expect: refuse('duplicate_header') }));

const timestamps = [
  ['empty', ''],
  ['plus', '+1734948000'],
  ['minus', '-1734948000'],
  ['hex', '0x6769372'],
  ['fraction', '1734948000.0'],
  ['fraction-of-a-second', '1734948000.123'],
  ['decimal-comma', '1734948000,0'],
  ['exponent', '1734948e3'],
  ['underscores', '1_734_948_000'],
  ['thousands', '1,734,948,000'],
  ['inner-space', '17349 48000'],
  ['inner-tab', '17349\t48000'],
  ['list-of-two', '1734948000, 1734948000', 'What an intermediary makes of a repeated header.'],
  ['trailing-comma', '1734948000,'],
  ['quoted', '"1734948000"'],
  ['unit', '1734948000s'],
  ['iso-date', '2024-12-23T10:00:00Z'],
  ['http-date', 'Mon, 23 Dec 2024 10:00:00 GMT'],
  ['word', 'now'],
  ['nan', 'NaN'],
  ['infinity', 'Infinity'],
  ['null', 'null'],
  ['pair', 't=1734948000'],
  ['arabic-indic-digits', '١٧٣٤٩٤٨٠٠٠', 'Digits to Unicode, not to the protocol.'],
  ['full-width-digits', '１７３４９４８０００'],
  ['superscript-digit', '173494800²'],
  ['non-breaking-space', '1734948000\u00a0'],
  ['latin-1-byte', Buffer.concat([Buffer.from('1734948000'), Buffer.from([0xb2])])],
  ['byte-ff', Buffer.concat([Buffer.from('1734948000'), Buffer.from([0xff])])],
  ['twenty-one-digits', '000000000001734948000', 'One digit too many, even if they are zeros.'],
  ['twenty-one-digits-in-milliseconds', '000000001734948000123'],
  ['one-beyond-u64', '18446744073709551616', 'Twenty digits that do not fit in 64 bits.'],
  ['twenty-nines', '99999999999999999999'],
  ['thousand-digits', '1'.repeat(1000)],
].map(([kind, timestamp, note]) => ({ name: `timestamp-${kind}`, note, timestamp, expect: refuse('malformed_timestamp') }));

const timestampsDirect = [
  ['leading-space', ' 1734948000'],
  ['trailing-space', '1734948000 '],
  ['leading-tab', '\t1734948000'],
  ['one-space', ' '],
  ['trailing-newline', '1734948000\n'],
  ['trailing-nul', '1734948000\0'],
  ['trailing-delete', '1734948000\x7f'],
].map(([kind, timestamp]) => ({
  name: `timestamp-${kind}`,
  note: 'The form itself allows no white space; over HTTP a parser trims or refuses it.',
  transport: 'direct',
  timestamp,
  expect: refuse('malformed_timestamp'),
}));

const base64 = Buffer.from(HEX, 'hex').toString('base64');

const signatures = [
  ['empty', ''],
  ['version-only', 'v1='],
  ['version-without-sign', 'v1'],
  ['hex-only', HEX],
  ['sign-without-version', `=${HEX}`],
  ['version-without-equals', `v1${HEX}`],
  ['version-0', `v0=${HEX}`],
  ['version-2', `v2=${HEX}`],
  ['version-10', `v10=${HEX}`],
  ['version-upper-case', `V1=${HEX}`],
  ['version-colon', `v1:${HEX}`],
  ['version-comma', `v1,${base64}`, 'As Standard Webhooks writes it.'],
  ['version-twice', `v1=v1=${HEX}`],
  ['double-equals', `v1==${HEX}`],
  ['algorithm-name', `sha256=${HEX}`],
  ['with-timestamp', `t=${TIMESTAMP},v1=${HEX}`, 'As Stripe writes it.'],
  ['upper-case-hex', `v1=${HEX.toUpperCase()}`, 'The documented check compares text.'],
  ['mixed-case-hex', `v1=${HEX.replace(/[a-f]/, (digit) => digit.toUpperCase())}`, 'One upper-case digit.'],
  ['63-digits', `v1=${HEX.slice(0, 63)}`],
  ['63-digits-last', `v1=${HEX.slice(1)}`],
  ['65-digits', `v1=${HEX}0`],
  ['65-digits-leading-zero', `v1=0${HEX}`],
  ['62-digits', `v1=${HEX.slice(0, 62)}`],
  ['66-digits', `v1=${HEX}00`],
  ['32-digits', `v1=${HEX.slice(0, 32)}`, 'A truncated tag.'],
  ['128-digits', `v1=${HEX}${HEX}`],
  ['0x-prefix', `v1=0x${HEX}`],
  ['non-hex-letter', `v1=${HEX.slice(0, 63)}g`],
  ['non-hex-first', `v1=g${HEX.slice(1)}`],
  ['character-before-zero', `v1=${HEX.slice(0, 63)}/`, 'The neighbours of 0-9 and a-f.'],
  ['character-after-nine', `v1=${HEX.slice(0, 63)}:`],
  ['character-before-a', `v1=${HEX.slice(0, 63)}\``],
  ['inner-space', `v1=${HEX.slice(0, 32)} ${HEX.slice(32)}`],
  ['inner-space-for-a-digit', `v1=${HEX.slice(0, 32)} ${HEX.slice(33)}`],
  ['space-after-equals', `v1= ${HEX}`],
  ['space-before-equals', `v1 =${HEX}`],
  ['tab-after-equals', `v1=\t${HEX}`],
  ['list-of-two', `v1=${HEX}, ${OTHER}`],
  ['list-of-two-equal', `v1=${HEX}, v1=${HEX}`, 'What an intermediary makes of a repeated header.'],
  ['list-right-last', `${OTHER},v1=${HEX}`],
  ['list-by-spaces', `v1=${HEX} ${OTHER}`],
  ['trailing-comma', `v1=${HEX},`],
  ['leading-comma', `,v1=${HEX}`],
  ['trailing-semicolon', `v1=${HEX};`],
  ['trailing-parameter', `v1=${HEX}; alg=sha256`],
  ['base64', `v1=${base64}`],
  ['base64url', `v1=${Buffer.from(HEX, 'hex').toString('base64url')}`],
  ['quoted', `"v1=${HEX}"`],
  ['quoted-value', `v1="${HEX}"`],
  ['single-quoted', `'v1=${HEX}'`],
  ['brackets', `[v1=${HEX}]`],
  ['full-width-digit', `v1=${HEX.slice(0, 63)}０`],
  ['full-width-digit-in-64-bytes', `v1=${HEX.slice(0, 61)}０`, '64 bytes after the sign, not 64 characters.'],
  ['latin-1-byte', Buffer.concat([Buffer.from(`v1=${HEX.slice(0, 63)}`), Buffer.from([0xe6])])],
  ['high-bit-digit', Buffer.concat([Buffer.from(`v1=${HEX.slice(0, 63)}`), Buffer.from([HEX.charCodeAt(63) | 0x80])]), 'The right digit with its high bit set.'],
  ['byte-ff', Buffer.concat([Buffer.from(`v1=${HEX}`), Buffer.from([0xff])])],
  ['word', 'none'],
  ['null', 'null'],
].map(([kind, signature, note]) => ({ name: `signature-${kind}`, note, signature, expect: refuse('malformed_signature') }));

const signaturesDirect = [
  ['leading-space', ` v1=${HEX}`],
  ['trailing-space', `v1=${HEX} `],
  ['trailing-tab', `v1=${HEX}\t`],
  ['one-space', ' '],
  ['trailing-newline', `v1=${HEX}\n`],
  ['trailing-carriage-return', `v1=${HEX}\r`],
  ['trailing-nul', `v1=${HEX}\0`],
  ['nul-for-a-digit', `v1=${HEX.slice(0, 63)}\0`],
].map(([kind, signature]) => ({
  name: `signature-${kind}`,
  note: 'The form itself allows no white space; over HTTP a parser trims or refuses it.',
  transport: 'direct',
  signature,
  expect: refuse('malformed_signature'),
}));

export const headers = [...missing, ...duplicate, ...timestamps, ...timestampsDirect, ...signatures, ...signaturesDirect].map(delivery);
