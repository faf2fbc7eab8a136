import { element, OWN_DIRECTION } from './markdown.js';
import { plain } from './plain.js';
import { get } from './server.js';

/** As often as a process stores what it measures. */
const LOOK_MS = 60_000;
const SPANS = ['1h', '1d', '7d'];
/** The kinds that tell people something; the rest is at the command line. */
const KINDS = [
  ['agent', 'Agents'],
  ['tool', 'Tools'],
  ['model', 'Models'],
  ['gateway', 'Gateways'],
  ['workspace', 'Workspaces'],
];
/** The most rows of a kind: the most frequent ones. */
const MOST = 20;
const byId = (id) => document.getElementById(id);

/** How often things worked, and how long they took. It is asked for while people look at it, and not before. */
export const makePerformance = () => {
  const section = byId('performance');
  let span = '1d';
  let looks;

  const load = async () => {
    const asked = span;
    let found;
    try {
      found = await get(`/api/stats?since=${asked}`);
    } catch (error) {
      if (error?.code === 'stats/not-offered') return hide();
      // A failed look is made good by the next one; the banner already tells of a lost connection.
      return;
    }
    if (asked === span) show(found.rows);
  };

  const hide = () => {
    clearInterval(looks);
    section.hidden = true;
  };

  const show = (rows) => {
    const shown = KINDS.map(([kind, title]) => [title, rows.filter((row) => row.kind === kind)]).filter(([, found]) => found.length > 0);
    byId('performance-none').hidden = shown.length > 0;
    byId('performance-tables').replaceChildren(...shown.map(([title, found]) => table(title, found.slice(0, MOST))));
  };

  for (const name of SPANS)
    byId(`performance-${name}`).addEventListener('click', () => {
      span = name;
      for (const each of SPANS) byId(`performance-${each}`).setAttribute('aria-pressed', String(each === name));
      void load();
    });
  section.addEventListener('toggle', () => {
    clearInterval(looks);
    if (!section.open) return;
    void load();
    looks = setInterval(() => document.hidden || void load(), LOOK_MS);
  });
};

const HEADS = [
  ['Count'],
  ['Worked', 'The part that worked'],
  ['Average', 'How long it took on average'],
  ['95 %', '95 % of them took no longer'],
];

const table = (title, rows) =>
  element(
    'table',
    { 'data-testid': 'performance-table' },
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        element('th', { scope: 'col' }, title),
        ...HEADS.map(([head, help]) => element('th', { scope: 'col', title: help }, head)),
      ),
    ),
    element('tbody', {}, ...rows.map(rowOf)),
  );

const rowOf = ({ name, count, success_rate: worked, avg_ms: average, p95_ms: most }) =>
  element(
    'tr',
    {},
    element('th', { ...OWN_DIRECTION, scope: 'row' }, plain(name)),
    ...[count.toLocaleString('en-US'), `${Math.floor(worked * 1_000) / 10} %`, duration(average), duration(most)].map((text) =>
      element('td', {}, text),
    ),
  );

/** `950 ms`, `9.5 s`, `95 s`, `25 min`. */
const duration = (ms) => {
  if (ms < 1_000) return `${ms} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms < 600_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;
};
