import { element, OWN_DIRECTION } from '../markdown.js';
import { plain } from '../plain.js';
import { get } from '../server.js';

/** As often as a process stores what it measures. */
const LOOK_MS = 60_000;
const SPANS = [
  ['1h', 'Hour'],
  ['1d', 'Day'],
  ['7d', 'Week'],
];
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

/** How often things worked, and how long they took. It is asked for while people look at it. */
export const view = {
  name: 'performance',
  title: 'Performance',
  topics: [],
  show: (root) => {
    const none = element('p', { class: 'none', role: 'status', 'data-testid': 'performance-none' }, 'Loading…');
    const tables = element('div', { class: 'tables' });
    let span = '1d';
    let turn = 0;

    const load = async () => {
      const mine = ++turn;
      try {
        const { rows } = await get(`/api/stats?since=${span}`);
        if (mine === turn) show(rows);
      } catch (error) {
        // A failed look is made good by the next one; the banner already tells of a lost connection.
        if (mine !== turn || (error.code !== 'stats/not-offered' && tables.childElementCount > 0)) return;
        none.textContent = error.message;
        none.hidden = false;
        tables.replaceChildren();
      }
    };
    const show = (rows) => {
      const shown = KINDS.map(([kind, title]) => [title, rows.filter((row) => row.kind === kind)]).filter(([, found]) => found.length > 0);
      none.textContent = 'Nothing was measured in that time.';
      none.hidden = shown.length > 0;
      tables.replaceChildren(...shown.map(([title, found]) => table(title, found.slice(0, MOST))));
    };

    const buttons = SPANS.map(([name, words]) => {
      const button = element('button', { type: 'button', 'data-testid': `performance-${name}`, 'aria-pressed': name === span }, words);
      button.addEventListener('click', () => {
        span = name;
        for (const each of buttons) each.setAttribute('aria-pressed', String(each === button));
        void load();
      });
      return button;
    });
    const choice = element('fieldset', { class: 'switch' }, element('legend', { class: 'unseen' }, 'Since when'), ...buttons);
    root.append(element('section', { class: 'performance', 'data-testid': 'performance' }, choice, none, tables));
    void load();
    const looks = setInterval(() => document.hidden || void load(), LOOK_MS);
    return { close: () => clearInterval(looks) };
  },
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
