// The text that the documented snippet hashes, `JSON.stringify(payload)`, with
// `payload` parsed from the bytes of a body.

/** Nesting that the Rust side still takes. */
export const DEPTH_CAP = 127;

/**
 * @param {Buffer} body
 * @returns {{ verdict: 'text', text: string } | { verdict: string }}
 *   `text`            the snippet hashes this text, and so must we
 *   `lone-surrogate`  the snippet takes it; we refuse it
 *   `too-deep`        likewise
 *   `not-json`        both refuse it
 *   `not-utf8`        we refuse it; a JavaScript receiver would parse what a
 *                     replacing decoder makes of it
 */
export function stringify(body) {
  let received;
  try {
    received = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return { verdict: 'not-utf8' };
  }
  let text;
  try {
    text = JSON.stringify(JSON.parse(received));
  } catch (error) {
    if (error instanceof SyntaxError) return { verdict: 'not-json' };
    // Not the grammar: V8 itself ran out of stack.
    if (error instanceof RangeError) return { verdict: 'too-deep', text: null };
    throw error;
  }
  const difference = knownDifference(received);
  return difference === null ? { verdict: 'text', text } : { verdict: difference, text };
}

/**
 * A line of ../../reserialize.json.
 *
 * @param {string} name
 * @param {Buffer} input
 */
export function vector(name, input) {
  const { verdict, text } = stringify(input);
  const output = verdict === 'text' ? Buffer.from(text, 'utf8').toString('base64') : null;
  return { name, verdict, input: input.toString('base64'), output };
}

// `received` is known to be JSON, so its string literals are where a quote
// opens one. The whole source is looked at, not the parsed value: a duplicate
// key may have replaced what is being looked for.
function knownDifference(received) {
  const literal = /"(?:[^"\\]|\\.)*"/gs;
  let depth = 0;
  let deepest = 0;
  for (const bracket of received.replace(literal, '').match(/[[\]{}]/g) ?? []) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1;
    deepest = Math.max(deepest, depth);
  }
  if (deepest > DEPTH_CAP) return 'too-deep';
  for (const [string] of received.matchAll(literal)) {
    if (!JSON.parse(string).isWellFormed()) return 'lone-surrogate';
  }
  return null;
}
