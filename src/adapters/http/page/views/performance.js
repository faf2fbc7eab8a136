import { makeChart } from '../chart.js';
import { dollars } from '../dollars.js';
import { lookEvery } from '../filters.js';
import { element, OWN_DIRECTION } from '../markdown.js';
import { makePanel } from '../panel.js';
import { get } from '../server.js';

/** As often as a process stores what it measures. */
const LOOK_MS = 60_000;
const DAY_S = 86_400;
const SPANS = [
  ['1h', 'Hour'],
  ['1d', 'Day'],
  ['7d', 'Week'],
];
/** What a chart may tell of. */
const KINDS = [
  ['turn', 'Answers'],
  ['promise', 'Promises'],
  ['model', 'Models'],
  ['tool', 'Tools'],
  ['agent', 'Agents'],
  ['gateway', 'Gateways'],
  ['commit', 'Commits'],
];
/** The kinds of the table that tell people something; the rest is at the command line. */
const TABLES = [
  ['agent', 'Agents'],
  ['tool', 'Tools'],
  ['model', 'Models'],
  ['gateway', 'Gateways'],
  ['workspace', 'Workspaces'],
];
const LEVELS = [
  ['promises.pending', 'Promises that wait'],
  ['promises.in_progress', 'in progress'],
  ['promises.waiting', 'held up'],
  ['outbox.pending', 'messages to send'],
];
/** The most rows of a kind: the most frequent ones. */
const MOST = 20;

/** How often things worked and how long they took, what waited and what it cost. It is asked for while people look. */
export const view = {
  name: 'performance',
  title: 'Performance',
  topics: [],
  show: (root, place) => {
    const known = (name, among) => among.find(([value]) => value === place.query.get(name))?.[0];
    let span = known('span', SPANS) ?? '1d';
    let kind = known('kind', KINDS) ?? 'turn';
    let series;
    const charts = makeCharts();
    const tables = element('div', { class: 'tables' });

    const draw = () => {
      if (series) charts.show(series, kind);
    };
    const seriesPanel = makePanel({
      content: element('div', { class: 'charts', 'data-testid': 'charts' }, ...charts.elements),
      read: () => get(`/api/v1/stats/series?since=${span}`),
      isEmpty: ({ kinds, levels, calls }) => kinds.length === 0 && levels.length === 0 && calls.every((count) => count === 0),
      empty: 'Nothing was measured in that time.',
      onMissing: 'Nothing is measured here.',
      show: (found) => {
        series = found;
        draw();
      },
    });
    const tablePanel = makePanel({
      content: tables,
      read: () => get(`/api/v1/stats?since=${span}`),
      isEmpty: ({ rows }) => rows.length === 0,
      empty: 'Nothing was done in that time.',
      onMissing: 'Nothing is counted here.',
      show: ({ rows }) => {
        const shown = TABLES.map(([name, title]) => [title, rows.filter((row) => row.kind === name)]).filter(
          ([, found]) => found.length > 0,
        );
        tables.replaceChildren(...shown.map(([title, found]) => table(title, found.slice(0, MOST))));
      },
    });
    const load = (how) => {
      void seriesPanel.load(how);
      void tablePanel.load(how);
    };
    const remember = () => place.setQuery({ span: span === '1d' ? undefined : span, kind: kind === 'turn' ? undefined : kind });

    const buttons = SPANS.map(([name, words]) => {
      const button = element('button', { type: 'button', 'data-testid': `performance-${name}`, 'aria-pressed': name === span }, words);
      button.addEventListener('click', () => {
        span = name;
        for (const each of buttons) each.setAttribute('aria-pressed', String(each === button));
        remember();
        load({ isAsked: true });
      });
      return button;
    });
    const kinds = element(
      'select',
      { id: 'performance-kind', 'data-testid': 'performance-kind' },
      ...KINDS.map(([value, words]) => element('option', { value }, words)),
    );
    kinds.value = kind;
    kinds.addEventListener('change', () => {
      kind = kinds.value;
      remember();
      draw();
    });
    root.append(
      element(
        'section',
        { class: 'performance', 'data-testid': 'performance' },
        element(
          'div',
          { class: 'filters' },
          element('fieldset', { class: 'switch' }, element('legend', { class: 'unseen' }, 'Since when'), ...buttons),
          element('div', { class: 'filter' }, element('label', { for: 'performance-kind' }, 'Charts of'), kinds),
        ),
        seriesPanel.element,
        tablePanel.element,
      ),
    );
    load();
    const end = lookEvery(LOOK_MS, () => load());
    return {
      close: () => {
        end();
        charts.close();
      },
    };
  },
};

const makeCharts = () => {
  const latency = makeChart({
    name: 'latency',
    title: 'How long it took',
    series: [{ words: 'half took no longer' }, { words: '95 % took no longer' }],
    format: duration,
    summary: ({ columns: [, p95] }) => ofKnown(p95, (most) => `At most ${duration(most)} for 95 %.`),
  });
  const throughput = makeChart({
    name: 'throughput',
    title: 'How many were done',
    series: [
      { words: 'in all', bars: true },
      { words: 'failed', bars: true },
    ],
    format: whole,
    isWhole: true,
    summary: ({ columns: [counts, failures] }) => `${whole(sum(counts))} in all, ${whole(sum(failures))} failed.`,
  });
  const cost = makeChart({
    name: 'cost',
    title: 'What calls cost',
    series: [{ words: 'US dollars', bars: true }],
    format: dollars,
    summary: ({ columns: [costs] }) => `${dollars(sum(costs))} in all.`,
  });
  const queue = makeChart({
    name: 'queue',
    title: 'What waited',
    series: LEVELS.map(([, words]) => ({ words })),
    format: whole,
    isWhole: true,
    summary: ({ columns: [pending] }) => ofKnown(pending, (most) => `At most ${whole(most)} promises waited.`),
  });
  const all = [latency, throughput, cost, queue];
  return {
    elements: all.map(({ element: made }) => made),
    show: ({ since, stepSeconds, kinds, levels, costs_usd: costs, calls }, kind) => {
      const from = Date.parse(since) / 1_000;
      const at = calls.map((_, step) => from + step * stepSeconds);
      const isLong = at.length * stepSeconds > 2 * DAY_S;
      const nothing = calls.map(() => null);
      const none = calls.map(() => 0);
      const found = kinds.find((each) => each.kind === kind);
      latency.show({ at, isLong, columns: [found?.p50_ms ?? nothing, found?.p95_ms ?? nothing] });
      throughput.show({ at, isLong, columns: [found?.counts ?? none, found?.failures ?? none] });
      cost.show(isLong ? { isLong, ...byDay(at, costs) } : { at, isLong, columns: [costs] });
      queue.show({ at, isLong, columns: LEVELS.map(([name]) => levels.find((level) => level.name === name)?.most ?? nothing) });
    },
    close: () => {
      for (const chart of all) chart.close();
    },
  };
};

/** Of a week, what a day has cost is what people ask for. Days are UTC's, as those of budgets. */
const byDay = (at, costs) => {
  const days = new Map();
  for (const [step, second] of at.entries()) {
    const begin = Math.floor(second / DAY_S) * DAY_S;
    days.set(begin, (days.get(begin) ?? 0) + costs[step]);
  }
  return { at: [...days.keys()], columns: [[...days.values()]] };
};

const sum = (values) => values.reduce((total, value) => total + (value ?? 0), 0);
const ofKnown = (values, words) => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? 'Nothing was measured.' : words(Math.max(...known));
};
const whole = (value) => value.toLocaleString('en-US', { maximumFractionDigits: 1 });
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
    element('caption', { class: 'unseen' }, title),
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
    element('th', { ...OWN_DIRECTION, scope: 'row' }, name),
    ...[count.toLocaleString('en-US'), `${Math.floor(worked * 1_000) / 10} %`, duration(average), duration(most)].map((text) =>
      element('td', {}, text),
    ),
  );

/** `950 ms`, `9.5 s`, `95 s`, `25 min`. */
const duration = (ms) => {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms < 600_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;
};
