// Fills tables of BENCHMARKS.md from the results beside this file. A table stands between
// <!-- NAME --> and <!-- /NAME -->; one without results stays as it is.
//
//   node tables.mjs

import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const here = (name) => new URL(name, import.meta.url);
const report = here('../../BENCHMARKS.md');

const table = (head, rows) =>
  [head, head.map((_, column) => (column === 0 ? '---' : '---:')), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
const unique = (values) => [...new Set(values)];
// Three digits that count.
const short = (value) => (value == null ? '–' : Number(value.toPrecision(3)).toLocaleString('en'));

// A row for each name, a column for each place.
function grid(results, name, place, cell) {
  const places = unique(results.map(place));
  const at = (row, column) => results.find((result) => name(result) === row && place(result) === column);
  return {
    places: places.map(short),
    rows: unique(results.map(name)).map((row) => [row, ...places.map((column) => cell(at(row, column)))]),
  };
}

const tables = {
  stores({ results, remembered, flush }) {
    const of = (store, at) => results.find((result) => result.store === store && result.at_a_time === at);
    const { places, rows } = grid(results, ({ store }) => store, ({ at_a_time }) => at_a_time, ({ per_second }) => short(per_second));
    const more = (store) => [short(of(store, 1).reads), short(of(store, 64).reads), of(store, 1).bytes.toFixed(0)];
    const failed = results.reduce((sum, result) => sum + result.failed, 0);
    return {
      stores: [
        '![Claims with their completions a second](tests/benches/plots/stores.svg)',
        `${remembered.toLocaleString('en')} deliveries remembered; a flush of 4 KiB takes ${short(flush)} ms; ${failed} calls failed:`,
        table(
          ['claims with completions a second, at a time', ...places, 'round trips', 'server reads each, 64 at a time', 'bytes each'],
          rows.map((row) => [...row, ...more(row[0])]),
        ),
      ].join('\n\n'),
      latency: table(
        ['p50, p99 in µs, at a time', ...places],
        grid(results, ({ store }) => store, ({ at_a_time }) => at_a_time, ({ p50, p99 }) => `${short(1000 * p50)}, ${short(1000 * p99)}`).rows,
      ),
    };
  },
  connections(results) {
    const cell = ({ micros, of_bare }) => `${short(micros)} (${(100 * of_bare).toFixed(0)} %)`;
    const { places, rows } = grid(results, ({ framework, name }) => `${framework}, ${name}`, ({ connections }) => connections, cell);
    const plot = '![Requests for each second of a core](tests/benches/plots/connections.svg)';
    return { connections: `${plot}\n\n${table(['µs of a core (of bare), connections', ...places], rows)}` };
  },
  builds({ jobs, results }) {
    const dearest = (each) => Object.entries(each).slice(0, 10).map(([crate, seconds]) => `${crate} ${seconds.toFixed(1)}`);
    return {
      builds: table([`cold, on ${jobs} cores`, 'crates', 'seconds'], results.map(({ name, crates, seconds }) => [name, crates, seconds.toFixed(1)])),
      dependencies: results
        .filter(({ each }) => each)
        .map(({ name, each }) => `- **${name}**: ${dearest(each).join(', ')}`)
        .join('\n'),
    };
  },
};

let text = readFileSync(report, 'utf8');
for (const [file, make] of Object.entries(tables)) {
  const results = here(`results/${file}.json`);
  if (!existsSync(results)) continue;
  for (const [name, content] of Object.entries(make(JSON.parse(readFileSync(results, 'utf8'))))) {
    const [from, to] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [start, end] = [text.indexOf(from), text.indexOf(to)];
    if (start < 0 || end < 0) throw new Error(`BENCHMARKS.md has no table ${name}`);
    text = `${text.slice(0, start)}${from}\n${content}\n${text.slice(end)}`;
  }
}
writeFileSync(report, text);
