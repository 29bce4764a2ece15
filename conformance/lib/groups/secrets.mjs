// The key is the secret's text in UTF-8, exactly as it is: nothing is trimmed,
// decoded, folded or normalised. (An empty or blank secret is a configuration error, D10;
// there is no vector for it.)

import { accept, completed, delivery, refuse, SECRET } from '../delivery.mjs';

const taken = [
  ['one-character', 'x'],
  ['space-and-letter', ' x', 'White space is warned about, never removed. Alone it is a configuration error.'],
  ['unicode', 'clé-秘密-🔑'],
  ['63-bytes', 'k'.repeat(63)],
  ['64-bytes', 'k'.repeat(64), "SHA-256's block: the longest key that HMAC takes as it is."],
  ['65-bytes', 'k'.repeat(65), 'From here on HMAC hashes the key first.'],
  ['64-characters-of-two-bytes', 'é'.repeat(64)],
  ['1000-bytes', '0123456789'.repeat(100)],
  ['leading-space', ` ${SECRET}`],
  ['trailing-newline', `${SECRET}\n`],
  ['inner-newline', 'two\nlines'],
  ['control-characters', 'a\u0001\u001f\u007fb'],
  ['hex', '00112233445566778899aabbccddeeff', 'Hex digits are text, not bytes.'],
  ['standard-webhooks-prefix', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'A prefix means nothing here, and the rest is not Base64.'],
  ['quotes', '"quoted"'],
].map(([kind, secret, note]) => ({ name: `secret-${kind}`, note, secrets: [secret], expect: accept(completed()) }));

const different = [
  ['trailing-newline', SECRET, `${SECRET}\n`, 'The usual mistake: a newline copied along.'],
  ['leading-space', SECRET, ` ${SECRET}`],
  ['trailing-space', SECRET, `${SECRET} `],
  ['receiver-padded', `${SECRET}\n`, SECRET, 'The same mistake on our side.'],
  ['case', SECRET, SECRET.toUpperCase()],
  ['prefix', SECRET, SECRET.slice(0, -1)],
  ['extension', SECRET, `${SECRET}x`],
  ['composed', 'caf\u00e9', 'cafe\u0301', 'Two ways to write one letter are two keys.'],
  ['65-and-66-bytes', 'k'.repeat(65), 'k'.repeat(66)],
  ['quotes', SECRET, `"${SECRET}"`],
  ['hex-decoded', '00112233445566778899aabbccddeeff', Buffer.from('00112233445566778899aabbccddeeff', 'hex')],
  ['base64-decoded', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64')],
  ['latin-1', 'clé', Buffer.from('clé', 'latin1')],
].map(([kind, secret, signing, note]) => ({
  name: `secret-differs-${kind}`,
  note,
  secrets: [secret],
  signed: { secret: signing },
  expect: refuse('signature_mismatch'),
}));

export const secrets = [...taken, ...different].map(delivery);
