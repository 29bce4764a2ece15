// Draws dashboard.json as Grafana would, from the data of a Prometheus:
//
//   node dashboard.mjs http://127.0.0.1:9090 dashboard.svg [MINUTES]

import { readFileSync, writeFileSync } from 'node:fs';

const [prometheus, file, minutes = '3'] = process.argv.slice(2);
const { title, panels } = JSON.parse(
  readFileSync(new URL('dashboard.json', import.meta.url), 'utf8'),
);

const COLOURS = ['#3274d9', '#e0752d', '#299c46', '#a352cc', '#d44a3a', '#0f9d9d', '#b5a21a', '#7b8794'];
const COLUMN = 40;
const ROW = 25;
const HEADER = 34;
const end = Math.floor(Date.now() / 1000);
const start = end - 60 * Number(minutes);

const units = {
  s: (value) => scaled(value, [[1, 's'], [1e-3, 'ms'], [1e-6, 'µs']]),
  bytes: (value) => scaled(value, [[2 ** 20, 'MiB'], [2 ** 10, 'KiB'], [1, 'B']]),
  reqps: (value) => `${short(value)} req/s`,
  ops: (value) => `${short(value)} op/s`,
  short: (value) => short(value),
};
const short = (value) => String(Number(value.toPrecision(2)));
function scaled(value, steps) {
  const [size, unit] = steps.find(([size]) => Math.abs(value) >= size * 0.995) ?? steps.at(-1);
  return value === 0 ? '0' : `${short(value / size)} ${unit}`;
}

async function series({ expr, legendFormat }) {
  const query = expr.replaceAll('$__rate_interval', '1m');
  const parameters = new URLSearchParams({ query, start, end, step: '2' });
  const answer = await fetch(`${prometheus}/api/v1/query_range?${parameters}`);
  const { status, data, error } = await answer.json();
  if (status !== 'success') throw new Error(`${expr}: ${error}`);
  return data.result.map(({ metric, values }) => ({
    name: legendFormat.replace(/\{\{(\w+)\}\}/g, (_, label) => metric[label]),
    points: values.map(([time, value]) => [time, Number(value)]).filter(([, value]) => Number.isFinite(value)),
  }));
}

async function panel({ title, description, gridPos, fieldConfig, targets }) {
  const all = (await Promise.all(targets.map(series))).flat();
  if (all.every(({ points }) => points.length === 0)) throw new Error(`${title} has no data`);
  // What never happened is left out of the legend, unless nothing happened.
  const happened = all.filter(({ points }) => points.some(([, value]) => value > 0));
  const lines = happened.length > 0 ? happened : all.slice(0, 4);
  const most = Math.max(...lines.flatMap(({ points }) => points.map(([, value]) => value))) || 1;
  const unit = units[fieldConfig.defaults.unit];

  const [x, y] = [gridPos.x * COLUMN, HEADER + gridPos.y * ROW];
  const [width, height] = [gridPos.w * COLUMN, gridPos.h * ROW];
  const plot = { left: 70, right: width - 14, top: 56, bottom: height - 48 };
  const across = (time) => plot.left + ((time - start) / (end - start)) * (plot.right - plot.left);
  const up = (value) => plot.bottom - (value / most) * (plot.bottom - plot.top);
  const out = [
    `<rect x="4" y="4" width="${width - 8}" height="${height - 8}" rx="3" fill="white" stroke="#d8dde3"/>`,
    `<text x="14" y="22" font-weight="bold">${escape(title)}</text>`,
    `<text x="14" y="38" fill="#66707c" font-size="10">${escape(description)}</text>`,
  ];
  for (const part of [0, 0.5, 1]) {
    const level = up(most * part).toFixed(1);
    out.push(
      `<line x1="${plot.left}" y1="${level}" x2="${plot.right}" y2="${level}" stroke="#e6e9ed"/>`,
      `<text x="${plot.left - 6}" y="${Number(level) + 4}" text-anchor="end" fill="#66707c">${unit(most * part)}</text>`,
    );
  }
  for (let time = Math.ceil(start / 60) * 60; time <= end; time += 60) {
    const clock = new Date(time * 1000).toISOString().slice(11, 16);
    out.push(`<text x="${across(time).toFixed(1)}" y="${plot.bottom + 14}" text-anchor="middle" fill="#66707c">${clock}</text>`);
  }
  let legend = 14;
  for (const [index, { name, points }] of lines.entries()) {
    const colour = COLOURS[index % COLOURS.length];
    const path = points.map(([time, value]) => `${across(time).toFixed(1)},${up(value).toFixed(1)}`);
    out.push(
      `<polyline points="${path.join(' ')}" fill="none" stroke="${colour}" stroke-width="1.5"/>`,
      `<rect x="${legend}" y="${height - 24}" width="12" height="3" fill="${colour}"/>`,
      `<text x="${legend + 16}" y="${height - 19}" font-size="11">${escape(name)}</text>`,
    );
    legend += 28 + name.length * 6.4;
  }
  return `<g transform="translate(${x} ${y})">\n${out.join('\n')}\n</g>`;
}

const escape = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

const drawn = await Promise.all(panels.map(panel));
const width = 24 * COLUMN;
const height = HEADER + ROW * Math.max(...panels.map(({ gridPos }) => gridPos.y + gridPos.h));
writeFileSync(
  file,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#222">
<rect width="100%" height="100%" fill="#f4f5f7"/>
<text x="10" y="23" font-size="16" font-weight="bold">${escape(title)}</text>
${drawn.join('\n')}
</svg>
`,
);
