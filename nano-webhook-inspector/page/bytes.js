// Bytes as text in which nothing hides: invisible, control and bidi characters have a
// visible stand-in, and bytes that are not UTF-8 are shown as such.
import { h } from './dom.js';

const HIDDEN = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;
const EACH = new RegExp(HIDDEN, 'gu');
const PIECES = new RegExp(`( +|${HIDDEN.source})`, 'u');
const LONGEST = 20_000;

const standIn = (character) => {
    const code = character.codePointAt(0);
    if (character === '\n') return '↵';
    if (character === '\t') return '→';
    if (code < 32) return String.fromCodePoint(0x2400 + code);
    return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
};

// One line of text from the network: a name, a header, a reason.
export const plain = (text) => String(text ?? '').replace(EACH, (hidden) => `⟨${standIn(hidden)}⟩`);

export const fromBase64 = (text) => Uint8Array.from(atob(text ?? ''), (one) => one.charCodeAt(0));
export const toBase64 = (bytes) => btoa(Array.from(bytes, (one) => String.fromCharCode(one)).join(''));
export const toText = (bytes) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

export const toBytes = (text) => new TextEncoder().encode(text);

const mark = (text, title) => h('span', { class: 'hidden-character', title }, text);

// Text with marks; `spaces` are marked in raw bytes, where each is signed.
export function marked(text, spaces = true) {
    return text.split(PIECES).flatMap((piece) => {
        if (spaces && piece.startsWith(' ')) return h('span', { class: 'space' }, '·'.repeat(piece.length));
        if (piece === '\n') return [h('span', { class: 'space' }, '↵'), '\n'];
        return HIDDEN.test(piece) ? mark(standIn(piece), 'invisible character') : piece;
    });
}

// Splits what is UTF-8 from what is not; a lone continuation or a cut sequence is not.
function* runs(bytes) {
    const text = Array.from(bytes, (one) => String.fromCharCode(one)).join('');
    const utf8 = /(?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})+/g;
    let at = 0;
    for (const { 0: run, index } of text.matchAll(utf8)) {
        if (index > at) yield { bad: bytes.subarray(at, index) };
        yield { good: toText(bytes.subarray(index, index + run.length)) };
        at = index + run.length;
    }
    if (at < bytes.length) yield { bad: bytes.subarray(at) };
}

const hex = (one) => `\\x${one.toString(16).padStart(2, '0')}`;

export const raw = (bytes) =>
    long(bytes, (part) => [...runs(part)].flatMap(({ good, bad }) =>
        good === undefined ? mark(Array.from(bad, hex).join(''), 'not UTF-8') : marked(good)));

// JSON with line breaks, token by token: numbers, escapes, order and repeats stay as they are.
export function formatted(bytes) {
    const text = toText(bytes);
    try {
        JSON.parse(text);
    } catch (error) {
        return [h('p', { class: 'hint' }, `Not JSON: ${plain(error.message)}`), raw(bytes)];
    }
    return long(text, (part) => tokens(part));
}

const TOKEN = /"(?:[^"\\]|\\[^])*"?|[{}[\],:]|[^\s{}[\],:"]+/g;
const kind = (token, next) =>
    token[0] !== '"' ? (/^[-\d]/.test(token) ? 'number' : 'word') : next === ':' ? 'name' : 'string';

function tokens(text) {
    const all = text.match(TOKEN) ?? [];
    let depth = 0;
    const line = () => '\n' + '  '.repeat(Math.min(depth, 40));
    return all.flatMap((token, at) => {
        const next = all[at + 1];
        if ('{['.includes(token)) return [token, '}]'.includes(next) ? '' : (depth++, line())];
        if ('}]'.includes(token)) return ['{['.includes(all[at - 1]) ? '' : (depth--, line()), token];
        if (token === ',') return [token, line()];
        if (token === ':') return ': ';
        return h('span', { class: kind(token, next) }, marked(token, false));
    });
}

// The start of a long text, and the rest on demand.
function long(all, show) {
    const pre = h('pre', {}, show(all.slice(0, LONGEST)));
    if (all.length <= LONGEST) return pre;
    const more = h('button', { class: 'small', click: () => {
        pre.replaceChildren(...show(all));
        more.remove();
    } }, `Show all (${all.length.toLocaleString()})`);
    return [pre, more];
}
