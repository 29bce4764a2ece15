// Bodies that are easy to get wrong, by hand: [name, text or bytes].

const bytes = (...values) => Buffer.from(values.flatMap((value) => (typeof value === 'string' ? [...Buffer.from(value)] : value)));
const nested = (depth, open, inner, close) => open.repeat(depth) + inner + close.repeat(depth);

const DOCUMENTED = {
  event: 'job.completed',
  task_id: 'task_xxx',
  task_type: 'image',
  status: 'completed',
  data: { url: 'https://cdn.example.com/image.png', credits_charged: 6 },
  timestamp: '2024-12-23T10:00:00Z',
};

const payload = [
  ['payload', JSON.stringify(DOCUMENTED)],
  ['payload-indented', JSON.stringify(DOCUMENTED, null, 2)],
  ['payload-indented-with-tabs-and-crlf', JSON.stringify(DOCUMENTED, null, '\t').replaceAll('\n', '\r\n')],
  ['payload-spaced', JSON.stringify(DOCUMENTED, null, 1).replaceAll(/\n */g, ' ')],
  ['payload-escaped-slashes', JSON.stringify(DOCUMENTED).replaceAll('/', '\\/')],
];

const whitespace = [
  ['space-all-four', ' \t\n\r[ \t\n\r1 \t\n\r, \t\n\r{ \t\n\r"a" \t\n\r: \t\n\r2 \t\n\r} \t\n\r] \t\n\r'],
  ['space-in-empty', '[{ },[\n]]'],
  ['space-vertical-tab', '[\v]'],
  ['space-form-feed', '[\f]'],
  ['space-no-break', '[\u00a0]'],
  ['space-line-separator', '[\u2028]'],
  ['space-byte-order-mark', '\ufeff{}'],
  ['space-byte-order-mark-inside', '[\ufeff]'],
  ['space-nul-after', '{}\0'],
  ['space-only', ' \n'],
  ['nothing', ''],
];

const structure = [
  ...['null', 'true', 'false', '0', '""', '[]', '{}'].map((text) => [`top-${text}`, text]),
  ['two-values', '1 2'],
  ['two-values-joined', '{}{}'],
  ['word-cut', 'nul'],
  ['word-long', 'nulll'],
  ['word-upper', 'NULL'],
  ['word-nan', 'NaN'],
  ['word-infinity', '-Infinity'],
  ['word-undefined', 'undefined'],
  ['comma-trailing-array', '[1,]'],
  ['comma-trailing-object', '{"a":1,}'],
  ['comma-leading', '[,1]'],
  ['comma-double', '[1,,2]'],
  ['comma-only', '[,]'],
  ['comma-missing', '[1 2]'],
  ['comma-missing-object', '{"a":1 "b":2}'],
  ['colon-missing', '{"a" 1}'],
  ['colon-double', '{"a"::1}'],
  ['colon-for-comma', '["a":1]'],
  ['value-missing', '{"a":}'],
  ['key-only', '{"a"}'],
  ['key-unquoted', '{a:1}'],
  ['key-number', '{1:1}'],
  ['key-single-quotes', "{'a':1}"],
  ['comment', '[1/*x*/]'],
  ['unclosed-array', '[1'],
  ['unclosed-object', '{"a":1'],
  ['unclosed-string', '"a'],
  ['unclosed-escape', '"\\'],
  ['unclosed-unicode-escape', '"\\u12'],
  ['closed-wrongly', '[1}'],
  ['closed-twice', '[]]'],
];

const depth = [
  ['deep-arrays-127', nested(127, '[', '', ']')],
  ['deep-arrays-128', nested(128, '[', '', ']')],
  ['deep-objects-127', nested(126, '{"a":', '{}', '}')],
  ['deep-objects-128', nested(127, '{"a":', '{}', '}')],
  ['deep-mixed-127', nested(63, '[{"1":0,"0":', '[1]', '}]')],
  ['deep-hidden-128', `{"a":${nested(127, '[', '', ']')},"a":0}`],
  ['deep-string-of-brackets', `["${'['.repeat(200)}"]`],
  ['deep-wide', `[${'[],'.repeat(200)}[]]`],
  ['deep-unclosed', '['.repeat(1000)],
];

const order = [
  ['order-indices-first', '{"b":1,"2":2,"a":3,"10":4,"1":5,"0":6}'],
  ['order-indices-sorted-already', '{"0":0,"1":1,"b":2,"a":3}'],
  ['order-indices-at-the-boundary', '{"a":0,"4294967296":1,"4294967295":2,"4294967294":3,"4294967293":4}'],
  ['order-indices-at-31-bits', '{"2147483648":0,"2147483647":1,"2147483646":2}'],
  ['order-beyond-indices', '{"9007199254740993":0,"9007199254740991":1,"18446744073709551615":2,"99999999999999999999":3,"0":4}'],
  ['order-overflowing-to-an-index', '{"a":0,"4294967297":1,"18446744073709551616":2,"18446744073709551617":3}'],
  ['order-not-canonical', '{"a":0,"01":1,"00":2,"-0":3,"-1":4,"+1":5,"1.0":6,"1e3":7," 1":8,"1 ":9,"0x1":10,"":11,"\u0661":12,"1":13}'],
  ['order-escaped-index', '{"a":0,"\\u0031":1,"\\u0030":2}'],
  ['order-nested', '{"b":{"1":1,"0":0},"a":[{"x":0,"7":{"9":9,"8":8}}],"0":{"z":0}}'],
  ['order-nested-in-index', '{"1":{"1":{"1":1,"0":0},"0":0},"0":{"1":[{"1":1,"0":0}],"0":0}}'],
  ['order-many', `{${Array.from({ length: 300 }, (_, i) => `"${(i * 7919) % 601}":${i}`).join(',')}}`],
];

const duplicates = [
  ['duplicate-last-wins-first-place', '{"a":1,"b":2,"a":3}'],
  ['duplicate-thrice', '{"a":1,"b":2,"a":3,"c":4,"b":5,"a":6}'],
  ['duplicate-same-value', '{"a":1,"a":1}'],
  ['duplicate-escaped', '{"a":1,"\\u0061":2,"\\u00e9":3,"\u00e9":4,"\\/":5,"/":6}'],
  ['duplicate-escaped-pair', '{"\u{1f600}":1,"\\ud83d\\ude00":2}'],
  ['duplicate-not-normalised', '{"\u00e9":1,"e\u0301":2}'],
  ['duplicate-case', '{"a":1,"A":2}'],
  ['duplicate-prefix', '{"ab":1,"a":2,"abc":3,"":4,"a\\u0062":5}'],
  ['duplicate-index', '{"b":0,"1":1,"0":2,"1":3}'],
  ['duplicate-empty', '{"":1,"":2}'],
  ['duplicate-of-other-type', '{"a":{"x":1},"b":0,"a":[{"1":1,"0":0}]}'],
  ['duplicate-in-duplicate', '{"a":{"x":1,"x":2},"a":{"y":1,"y":2}}'],
  ['duplicate-hides-number', '{"a":1e400,"a":1}'],
  ['duplicate-hides-lone-surrogate', '{"a":"\\ud800","a":1}'],
  ['duplicate-many', `{${Array.from({ length: 300 }, (_, i) => `"${'abcdefghijklmnopqrstuvwxyz0123456789'[(i * 7919) % 36]}":${i}`).join(',')}}`],
  ['duplicate-nul', '{"a\\u0000":1,"a":2,"a\\u0000":3}'],
];

const names = [
  ['name-proto', '{"a":1,"__proto__":{"b":2},"c":3}'],
  ['name-proto-null', '{"__proto__":null}'],
  ['name-proto-twice', '{"__proto__":1,"a":2,"__proto__":[3]}'],
  ['name-proto-escaped', '{"\\u005f_proto__":1,"__proto__":2}'],
  ['name-proto-nested', '{"__proto__":{"__proto__":{"1":1,"0":0}}}'],
  ['name-to-json', '{"toJSON":1,"constructor":{"prototype":2},"hasOwnProperty":3,"length":4,"valueOf":5}'],
  ['name-escaped', '{"\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u007f\\u2028":1}'],
];

const numbers = [
  ['number-zero', '[0,-0,0.0,-0.0,0e0,-0e0,0E+5,-0e-5,0.000,-0.0e999]'],
  ['number-exponent', '[1e3,1E3,1e+3,1E-3,1.5e0,15e-1,0.15e1,1e00,1e007,1e-007]'],
  ['number-integer-limits', '[9007199254740991,9007199254740992,9007199254740993,9007199254740994,-9007199254740993,999999999999999,1000000000000000,9999999999999999,99999999999999999]'],
  ['number-64-bits', '[9223372036854775807,-9223372036854775808,18446744073709551615,18446744073709551616]'],
  ['number-positional-up', '[1e20,123456789012345678901,1e21,999999999999999999999,-1e20,-1e21,1.5e20,100000000000000000000,1000000000000000000000]'],
  ['number-positional-down', '[1e-5,1e-6,1e-7,1.5e-6,1.5e-7,0.000001,0.0000001,-0.000001,9.99e-7,123e-9]'],
  ['number-overflow', '[1e308,1.7976931348623157e308,1.7976931348623158e308,1.7976931348623159e308,1e309,-1e309,1e400,-1e400,1e99999999999999999999]'],
  ['number-underflow', '[5e-324,4.9e-324,2.5e-324,2.4703282292062328e-324,2.4703282292062327e-324,2e-324,1e-400,-1e-400,1e-99999999999999999999,0e99999999999999999999]'],
  ['number-denormal', '[2.2250738585072014e-308,2.2250738585072011e-308,2.225073858507201e-308,1.5e-323,4.4501477170144023e-308]'],
  ['number-shortest', '[0.1,0.2,0.30000000000000004,0.1e1,1.7976931348623157e+308,5e-7,123.456,0.5,1.0,100.0,1.10]'],
  ['number-seventeen-digits', '[0.12345678901234567,1.2345678901234567,12345678901234567,1.0000000000000002,0.99999999999999989,4.35,4.349999999999999645]'],
  ['number-halfway', '[1.00000000000000011102230246251565404,1.00000000000000011102230246251565405,1.00000000000000011102230246251565403,9007199254740993.0,9007199254740992.9999999999999999999999999999999,9007199254740993.00000000000000000000000000000001]'],
  ['number-halfway-far-out', '[24703282292062327208e-343,24703282292062327209e-343,13393857589828342998e281,13393857589828342999e281,13393857589828345972e281,13393857589828351920e281]'],
  ['number-long', `[0.${'3'.repeat(900)},${'7'.repeat(300)},${'7'.repeat(400)},1${'0'.repeat(300)}e-300,0.${'0'.repeat(300)}1e300,${'9'.repeat(800)}.${'9'.repeat(800)}e-790]`],
  ['number-two-ways', '[8.41e21,8.41E+21,9.5e-3,2.0e-3,4294967295,4294967296,1e23,9e22,2e23]'],
  ...['01', '-01', '00', '1.', '.5', '-.5', '-', '+1', '1e', '1e+', '1E-', '1.e1', '0x10', '1_000', '--1', '1e1.5', '1.2.3', '- 1', '1 e3', '\uff11']
    .map((text) => [`number-bad-${text}`, `[${text}]`]),
  ['number-top', '-12.50e1'],
];

const strings = [
  ['string-short-escapes', '"\\"\\\\\\/\\b\\f\\n\\r\\t"'],
  ['string-controls', `"${Array.from({ length: 0x21 }, (_, i) => `\\u${i.toString(16).padStart(4, '0')}`).join('')}"`],
  ['string-controls-upper-case', '"\\u000A\\u000B\\u001F\\u001f\\u007F\\u0080\\u009F"'],
  ['string-delete-and-c1', '"\u007f\u0080\u009f\u00a0\u00ad"'],
  ['string-line-separators', '"\u2028\u2029\\u2028\\u2029"'],
  ['string-needless-escapes', '"\\u0041\\u002f\\u0022\\u005c\\u00e9\\u20AC\\u20ac"'],
  ['string-html', '"<script>&\'"'],
  ['string-pair', '"\u{1f600}\\ud83d\\ude00\\uD83D\\uDE00\\uD83d\\udE00"'],
  ['string-pair-limits', '"\\ud800\\udc00\\udbff\\udfff\\ud7ff\\ue000\\uffff\\ufffe\\ufeff\\ufffd"'],
  ['string-literal-limits', '"\u{10000}\u{10ffff}\ud7ff\ue000\uffff\ufffe\ufeff\ufffd"'],
  ['string-nul', '"a\\u0000b"'],
  ['string-combining', '"e\u0301 \u00e9 \u{1f468}\u200d\u{1f469}"'],
  ['string-lone-high', '"\\ud83d"'],
  ['string-lone-low', '"\\ude00"'],
  ['string-lone-high-then-text', '"\\ud83dx"'],
  ['string-lone-high-then-escape', '"\\ud83d\\n"'],
  ['string-lone-high-then-bmp', '"\\ud83d\\u0041"'],
  ['string-lone-high-twice', '"\\ud83d\\ud83d\\ude00"'],
  ['string-lone-swapped', '"\\ude00\\ud83d"'],
  ['string-lone-split-by-literal', '"\\ud83d\u{1f600}\\ude00"'],
  ['string-lone-in-key', '{"\\ud800":1}'],
  ['string-lone-then-cut', '"\\ud83d\\u00'],
  ['string-escaped-backslash-u', '"\\\\ud83d"'],
  ...['\\a', '\\x41', '\\0', '\\v', "\\'", '\\U0041', '\\u', '\\u004', '\\u004g', '\\u+041', '\\u 041', '\\u{41}', '\\\n', '\\\u00e9', '\\u\uff11\uff11\uff11\uff11']
    .map((text) => [`string-bad-escape-${text}`, `"${text}"`]),
  ...[0x00, 0x08, 0x09, 0x0a, 0x0d, 0x1f].map((code) => [`string-bad-control-${code}`, `"${String.fromCharCode(code)}"`]),
];

// Not text: what a JavaScript receiver would see is up to its decoder.
const undecodable = [
  ['utf8-invalid-start', bytes('["', 0xff, '"]')],
  ['utf8-lone-continuation', bytes('["', 0x81, '"]')],
  ['utf8-truncated', bytes('["', 0xe0, 0xff, '"]')],
  ['utf8-truncated-at-end', bytes('["', 0xf0, 0x9f, 0x98)],
  ['utf8-overlong', bytes('["', 0xc0, 0xaf, '"]')],
  ['utf8-overlong-nul', bytes('["', 0xc0, 0x80, '"]')],
  ['utf8-overlong-six-bytes', bytes('["', 0xfc, 0x83, 0xbf, 0xbf, 0xbf, 0xbf, '"]')],
  ['utf8-surrogate', bytes('["', 0xed, 0xa0, 0x80, '"]')],
  ['utf8-surrogate-pair', bytes('["', 0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80, '"]')],
  ['utf8-beyond-unicode', bytes('["', 0xf4, 0xbf, 0xbf, 0xbf, '"]')],
  ['utf8-outside-string', bytes('[1', 0xe5, ']')],
  ['utf8-latin-1', Buffer.from('{"a":"\u00e9"}', 'latin1')],
  ['utf16-le', Buffer.from('["\u00e9"]', 'utf16le')],
  ['utf16-le-with-mark', Buffer.from('\ufeff["\u00e9"]', 'utf16le')],
  ['utf16-be', Buffer.from('["\u00e9"]', 'utf16le').swap16()],
  ['utf16-le-ascii', Buffer.from('{}', 'utf16le')],
  ['utf8-cut-mark', bytes(0xef, '{}')],
  ['utf8-mark-only', bytes(0xef, 0xbb, 0xbf)],
];

export const CASES = [
  payload, whitespace, structure, depth, order, duplicates, names, numbers, strings, undecodable,
].flat();
