// Draws the plots of BENCHMARKS.md from the results beside this folder. What was not measured
// is not drawn.
//
//   node plots/plots.mjs

import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const here = (name) => new URL(name, import.meta.url);
const measured = (name) => {
  const file = here(`../results/${name}.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
};
const { results } = measured('side-by-side');

const OURS = '#0b6e4f';
const PEER = '#9aa5b1';
const FLOOR = '#c0392b';

const inGroup = (group) => results.filter((result) => result.group === group);

// What was not measured is not drawn.
const draw = (name, kind, plot) => {
  if ((plot.rows ?? plot.points).length > 0) writeFileSync(here(`${name}.svg`), kind(plot));
};

// A horizontal bar for each row, the floor as a line through all of them.
function bars({ title, unit, rows, line }) {
  const left = 410;
  const width = 840;
  const height = 26;
  const top = 56;
  const most = Math.max(...rows.map((row) => row.value));
  const scale = (width - left - 80) / most;
  const body = rows.map(({ name, value, ours }, index) => {
    const y = top + index * height;
    const end = left + value * scale;
    return [
      `<text x="${left - 8}" y="${y + 15}" text-anchor="end">${escape(name)}</text>`,
      `<rect x="${left}" y="${y + 3}" width="${(value * scale).toFixed(1)}" height="16" fill="${ours ? OURS : PEER}"/>`,
      `<text x="${(end + 6).toFixed(1)}" y="${y + 15}">${value < 20 ? value.toFixed(1) : value.toFixed(0)}</text>`,
    ].join('\n');
  });
  const bottom = top + rows.length * height;
  if (line) {
    const x = (left + line.value * scale).toFixed(1);
    body.push(
      `<line x1="${x}" y1="${top - 4}" x2="${x}" y2="${bottom}" stroke="${FLOOR}" stroke-dasharray="4 3"/>`,
      `<text x="${x}" y="${bottom + 14}" fill="${FLOOR}" text-anchor="middle">${escape(line.name)}</text>`,
    );
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + 28}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
<text x="12" y="22" font-size="15" font-weight="bold">${escape(title)}</text>
<text x="12" y="40" fill="#555">${escape(unit)}</text>
${body.join('\n')}
</svg>
`;
}

const escape = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
const isOurs = (name) => name.startsWith('nano-webhook');

draw('verify', bars, {
  title: 'Verifying the documented 193-byte delivery',
  unit: 'times the SHA-256 compressions that no implementation can avoid; shorter is better',
  rows: inGroup('193 B')
    .filter(({ name }) => name !== 'floor' && !name.startsWith('RustCrypto'))
    .map(({ name, floors }) => ({ name, value: floors, ours: isOurs(name) }))
    .sort((one, other) => one.value - other.value),
  line: { name: 'floor', value: 1 },
});

// What verifying adds to the bare handler of the same framework.
function added(group) {
  const rows = inGroup(group);
  const bare = (name) =>
    rows.find((row) => row.name === (name.startsWith('axum 0.7') ? 'axum 0.7: ' : '') + 'bare handler that takes the body');
  return rows
    .filter(({ name }) => name !== 'floor' && !name.includes('bare handler') && !name.includes('rejected'))
    .map(({ name, nanos }) => ({
      name: `${group.split(',')[0]}: ${name.replace('axum 0.7: ', '')}`,
      value: nanos - bare(name).nanos,
      ours: isOurs(name),
    }));
}

draw('added', bars, {
  title: 'What verifying adds to a handler that takes the body',
  unit: 'nanoseconds a delivery of 193 bytes, in process; ours with the typed event, the others without; shorter is better',
  rows: [...added('axum, 193 B'), ...added('actix, 193 B')],
});

// A line for each name, both axes logarithmic: points are { name, x, y }.
function lines({ title, unit, points }) {
  const [left, right, top, bottom] = [84, 600, 60, 400];
  const axis = (values, from, to) => {
    const [least, most] = [Math.min(...values), Math.max(...values)].map(Math.log10);
    return (value) => from + ((Math.log10(value) - least) / (most - least || 1)) * (to - from);
  };
  const xs = [...new Set(points.map(({ x }) => x))];
  const ys = points.map(({ y }) => y);
  const decades = [];
  for (let y = 10 ** Math.floor(Math.log10(Math.min(...ys))); y < 10 * Math.max(...ys); y *= 10) decades.push(y);
  const [across, up] = [axis(xs, left, right), axis(decades, bottom, top)];
  const names = [...new Set(points.map(({ name }) => name))];
  const ends = names
    .map((name) => ({ name, y: up(points.findLast((point) => point.name === name).y) }))
    .sort((one, other) => one.y - other.y);
  // Labels at the ends of lines keep their distance.
  ends.forEach((end, index) => { if (index > 0) end.y = Math.max(end.y, ends[index - 1].y + 14); });
  const body = [
    ...decades.map((y) => `<path d="M${left} ${up(y)}H${right}" stroke="#ddd"/><text x="${left - 6}" y="${up(y) + 4}" text-anchor="end">${y.toLocaleString('en')}</text>`),
    ...xs.map((x) => `<text x="${across(x)}" y="${bottom + 18}" text-anchor="middle">${x.toLocaleString('en')}</text>`),
    ...ends.map(({ name, y }, index) => {
      const colour = `hsl(${(index * 137) % 360} 65% 38%)`;
      const path = points.filter((point) => point.name === name).map((point) => `${across(point.x).toFixed(1)},${up(point.y).toFixed(1)}`);
      return `<polyline points="${path.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/><text x="${right + 8}" y="${(y + 4).toFixed(1)}" fill="${colour}">${escape(name)}</text>`;
    }),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 840 ${Math.max(bottom + 32, ends.at(-1).y + 20).toFixed(0)}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
<text x="12" y="22" font-size="15" font-weight="bold">${escape(title)}</text>
<text x="12" y="40" fill="#555">${escape(unit)}</text>
${body.join('\n')}
</svg>
`;
}

// How verification grows: the groups of body sizes, and of secrets.
const SIZES = { '193 B': 193, '16 KiB': 16 << 10, '256 KiB': 256 << 10, '1 MiB': 1 << 20 };
draw('bodies', lines, {
  title: 'Nanoseconds of verification, for each byte of the body',
  unit: 'against bytes of the body; both axes logarithmic; lower is better',
  points: results
    .filter(({ group, name }) => group in SIZES && inGroup('1 MiB').some((other) => other.name === name) && !name.includes('clock'))
    .map(({ group, name, nanos }) => ({ name: name.replace(', no header look-up', ''), x: SIZES[group], y: nanos / SIZES[group] })),
});

draw('secrets', bars, {
  title: 'Verification and event, the last of several secrets has signed',
  unit: 'nanoseconds a delivery of 193 bytes; shorter is better',
  rows: inGroup('secrets, 193 B')
    .filter(({ name }) => name !== 'floor')
    .map(({ name, nanos }) => ({ name, value: nanos, ours: true })),
});

const remembered = measured('remembered') ?? [];
draw('remembered', lines, {
  title: 'The memory store as it grows',
  unit: 'against remembered deliveries; both axes logarithmic; lower is better',
  points: ['nanos', 'bytes'].flatMap((what) => remembered.map((row) => ({
    name: what === 'nanos' ? 'ns for a claim and its completion' : 'bytes for each delivery', x: row.remembered, y: row[what],
  }))),
});

const stores = measured('stores') ?? { results: [], remembered: 0 };
draw('stores', lines, {
  title: `Claims with their completions a second, ${stores.remembered.toLocaleString('en')} remembered`,
  unit: 'against how many at a time; both axes logarithmic; higher is better',
  points: stores.results
    .filter(({ store }) => !/EVALSHA|FCALL/.test(store))
    .map(({ store, at_a_time, per_second }) => ({ name: store, x: at_a_time, y: per_second })),
});

const REPLICAS = { '': 1, ', two replicas': 2, ', four replicas': 4 };
draw('replicas', lines, {
  title: 'Claims with their completions a second, of all replicas together',
  unit: 'against replicas of the receiver on one server, so many deliveries at a time; both axes logarithmic; higher is better',
  points: ['Redis', 'Postgres'].flatMap((server) => [64, 512].flatMap((at_a_time) => stores.results
    .filter((row) => row.at_a_time === at_a_time && row.store.startsWith(server) && row.store.slice(server.length) in REPLICAS)
    .map((row) => ({ name: `${server}, ${at_a_time} at a time`, x: REPLICAS[row.store.slice(server.length)], y: row.per_second })))),
});

const connections = measured('connections') ?? [];
draw('connections', lines, {
  title: 'Requests for each second of a core, 199 bytes',
  unit: 'against connections; both axes logarithmic; higher is better',
  points: connections.map(({ framework, name, connections, micros }) => ({ name: `${framework}, ${name}`, x: connections, y: 1e6 / micros })),
});
