// Asks the provider's documented function about every vector it can be asked
// about, and throws if an expectation claims otherwise.
//
// The function hashes `JSON.stringify(payload)`. For a body that is that very
// text, it is asked directly. For any other body the message is the raw text,
// as a sender that posted it would have hashed it (D1), and the function itself
// is the judge of the re-serialised mode (D2).
//
// Where the two may not say the same, a case says so with a `claim`, and the
// claim must be true as well:
//   'snippet-accepts'  the documented function takes it, the rules do not
//   'also-unsigned'    refused before the verdict, and no secret matches either

import { hmacHex, message, SIGNATURE_HEADER, TIMESTAMP_HEADER, verifySignature } from './documented.mjs';

/** Throws an error that lists every disagreement. Returns how many vectors the
 * documented function has judged. */
export function crosscheck(deliveries) {
  const problems = [];
  let judged = 0;
  for (const { vector, claim } of deliveries) {
    const verdict = judge(vector);
    if (verdict === null) {
      if (claim) problems.push(`${vector.name}: cannot be judged, but claims ${claim}`);
      continue;
    }
    judged += 1;
    for (const problem of disagreements(vector, verdict, claim)) problems.push(`${vector.name}: ${problem}`);
  }
  if (problems.length > 0) throw new Error(`the documented check disagrees:\n  ${problems.join('\n  ')}`);
  return judged;
}

// Index of the secret that the raw text, and that the snippet, verifies under.
function judge(vector) {
  const timestamp = only(vector, TIMESTAMP_HEADER);
  const signature = only(vector, SIGNATURE_HEADER)?.toString('latin1');
  if (timestamp === null || signature === undefined) return null;

  const body = Buffer.from(vector.body, 'base64');
  const signed = message(timestamp, body);
  const raw = vector.secrets.findIndex((secret) => `v1=${hmacHex(secret, signed)}` === signature);

  const parsed = parse(body);
  const snippet = parsed === null ? -1 : vector.secrets.findIndex(
    (secret) => verifySignature(parsed.payload, signature, secret, timestamp.toString('latin1')));
  return { raw, snippet, parsed, own: parsed !== null && parsed.canonical.equals(body) };
}

function* disagreements(vector, { raw, snippet, parsed, own }, claim) {
  const { expect, options } = vector;
  const ascii = vector.headers.every(([, value]) => typeof value === 'string');
  if (own && ascii && raw !== snippet) yield 'the raw text and the snippet differ on a body that is its own JSON.stringify';

  const matched = raw !== -1 || !options?.accept_reserialized ? raw : snippet;
  const refusedBySnippet = snippet === -1;
  switch (expect.status === 200 ? 'accepted' : expect.code) {
    case 'accepted':
      if (matched === -1) yield 'no secret matches';
      else if (matched !== expect.secret) yield `secret ${matched} matches`;
      yield* signedBody(expect, raw, parsed);
      if (matched !== -1) yield* event(expect, raw === -1 ? parse(parsed.canonical) : parsed);
      break;
    case 'invalid_event':
      if (matched === -1) yield 'no secret matches';
      break;
    case 'signature_mismatch':
      if (raw !== -1) yield `secret ${raw} matches the raw text`;
      if (refusedBySnippet !== (claim !== 'snippet-accepts')) yield `the snippet ${refusedBySnippet ? 'refuses' : 'accepts'}`;
      break;
    case 'malformed_signature':
      if (!refusedBySnippet) yield 'the snippet accepts';
      break;
    default:
      // Refused by a rule of ours: properly signed, or the rule is not shown.
      if ((matched === -1) !== (claim === 'also-unsigned')) yield `secret ${matched} matches`;
  }
}

function* signedBody(expect, raw, parsed) {
  const given = expect.signed_body;
  if (raw !== -1 && given !== undefined) yield 'signed_body, though the raw body was signed';
  if (raw === -1 && given !== parsed?.canonical.toString('base64')) yield 'signed_body is not JSON.stringify(JSON.parse(body))';
}

// Node reads the last of two equal keys and knows no rules of ours; what it
// reads must be what is expected all the same. What is not of its documented
// type counts as absent.
function* event({ event: expected }, parsed) {
  const payload = parsed?.payload;
  const read = {
    completed: () => ({
      task_id: payload.task_id, task_type: text(payload.task_type), status: text(payload.status), url: payload.data.url,
      credits_charged: Number.isFinite(payload.data.credits_charged) ? payload.data.credits_charged : null,
      timestamp: text(payload.timestamp),
    }),
    failed: () => ({ task_id: payload.task_id }),
    unknown: () => ({ event: payload.event }),
  }[expected.type]();
  for (const [key, value] of Object.entries(read)) {
    if ((value ?? null) !== expected[key]) yield `event.${key} is ${JSON.stringify(value)}`;
  }
}

function text(value) {
  return typeof value === 'string' && value.isWellFormed() ? value : null;
}

function only(vector, name) {
  const values = vector.headers.filter(([header]) => header.toLowerCase() === name.toLowerCase());
  if (values.length !== 1) return null;
  const [[, value]] = values;
  return typeof value === 'string' ? Buffer.from(value, 'latin1') : Buffer.from(value.base64, 'base64');
}

function parse(body) {
  try {
    const payload = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body));
    return { payload, canonical: Buffer.from(JSON.stringify(payload), 'utf8') };
  } catch {
    return null;
  }
}
