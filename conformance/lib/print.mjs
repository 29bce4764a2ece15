// JSON for reading and for diffs: two spaces, a header on one line, ASCII only
// (so that no editor can normalise a secret), one newline at the end.

export function print(vectors) {
  return `${value(vectors, '')}\n`;
}

function value(item, indent) {
  if (Array.isArray(item)) return list(item, indent);
  if (item !== null && typeof item === 'object') return object(item, indent);
  return scalar(item);
}

function list(items, indent) {
  const short = items.every((item) => !Array.isArray(item) && !isWideObject(item));
  if (short) return `[${items.map((item) => value(item, indent)).join(', ')}]`;
  return block('[', items.map((item) => value(item, `${indent}  `)), ']', indent);
}

function object(item, indent) {
  const members = Object.entries(item).map(([key, member]) => `${scalar(key)}: ${value(member, `${indent}  `)}`);
  if (!isWideObject(item)) return `{ ${members.join(', ')} }`;
  return block('{', members, '}', indent);
}

function isWideObject(item) {
  return item !== null && typeof item === 'object' && (Object.keys(item).length > 1 || 'event' in item);
}

function block(open, lines, close, indent) {
  return `${open}\n${lines.map((line) => `${indent}  ${line}`).join(',\n')}\n${indent}${close}`;
}

function scalar(item) {
  return JSON.stringify(item).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
