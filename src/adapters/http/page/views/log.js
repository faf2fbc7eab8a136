import { addressOf } from '../address.js';
import { lookEvery, makeFilters, queryOf } from '../filters.js';
import { element, OWN_DIRECTION } from '../markdown.js';
import { makeKeyedList, makePanel } from '../panel.js';
import { get } from '../server.js';

const LIMIT = 500;
const LOOK_MS = 2_000;
const LEVELS = [
  ['', 'All'],
  ['info', 'Info and above'],
  ['warn', 'Warnings and errors'],
  ['error', 'Errors'],
];
const today = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const anyDay = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'medium' });
const clockTime = (at) => (at.toDateString() === new Date().toDateString() ? today : anyDay).format(at);

/** The newest lines of the log, and what comes. */
export const view = {
  name: 'log',
  title: 'Log',
  topics: ['log'],
  show: (root, place) => {
    let state;
    let isPaused = false;
    let count = 0;
    const lines = element('ol', { class: 'log-lines', 'data-testid': 'log-lines', 'aria-label': 'Lines, newest first' });
    const showLines = makeKeyedList(lines, { keyOf: ({ key }) => key, render: ({ line }) => renderLine(line) });
    const more = element(
      'p',
      { class: 'notes', hidden: '' },
      'Earlier lines may fit, too: ',
      element('code', {}, 'kept logs'),
      ' goes further back.',
    );
    const filters = makeFilters({
      place,
      fields: [
        { name: 'level', label: 'Level', options: LEVELS },
        { name: 'area', label: 'Area', placeholder: 'promises' },
        { name: 'chatId', label: 'Chat', placeholder: 'telegram:-100…' },
        { name: 'promiseId', label: 'Promise', placeholder: '4' },
        { name: 'trace', label: 'Trace', placeholder: '9f0c' },
      ],
      onChange: () => {
        state = undefined;
        void panel.load({ isAsked: true });
      },
    });
    const panel = makePanel({
      content: element('div', {}, lines, more),
      read: () => get(`/api/v1/logs${queryOf({ ...filters.values(), limit: LIMIT, unless: state })}`),
      isEmpty: (found) => (found.isChanged ? found.lines.length : count) === 0,
      empty: 'No line of the log fits.',
      onMissing: 'This server has no log that could be read.',
      show: (found) => {
        if (!found.isChanged) return;
        state = found.state;
        count = found.lines.length;
        more.hidden = !found.hasMore;
        showLines(withKeys(found.lines).toReversed());
      },
    });
    const pause = element('button', { type: 'button', class: 'quiet', 'aria-pressed': 'false', 'data-testid': 'log-pause' }, 'Pause');
    const look = () => isPaused || void panel.load();
    pause.addEventListener('click', () => {
      isPaused = !isPaused;
      pause.setAttribute('aria-pressed', String(isPaused));
      look();
    });
    filters.element.append(pause);
    root.append(filters.element, panel.element);
    void panel.load();
    const end = lookEvery(LOOK_MS, look);
    return {
      update: look,
      close: () => {
        end();
        filters.close();
      },
    };
  },
};

/** Two lines may say the same. */
const withKeys = (found) => {
  const times = new Map();
  return found.map((line) => {
    const text = JSON.stringify(line);
    const nth = (times.get(text) ?? 0) + 1;
    times.set(text, nth);
    return { key: `${nth} ${text}`, line };
  });
};

const renderLine = ({ level, time, area, msg, pid, ...fields }) => {
  const at = new Date(time);
  const names = Object.keys(fields);
  const brief = [
    element('span', { class: `level level-${level}` }, String(level ?? '?')),
    element('time', { datetime: time }, Number.isNaN(at.getTime()) ? String(time) : clockTime(at)),
    element('span', { class: 'area' }, String(area ?? '')),
    element('span', { ...OWN_DIRECTION, class: 'said' }, String(msg ?? '')),
  ];
  return element(
    'li',
    { class: 'log-line', 'data-testid': 'log-line', 'data-level': level },
    element(
      'details',
      {},
      element('summary', {}, ...brief),
      element(
        'dl',
        { class: 'facts' },
        ...[['pid', pid], ...names.map((name) => [name, fields[name]])].flatMap(([name, value]) => [
          element('dt', {}, name),
          element('dd', OWN_DIRECTION, shownValue(name, value)),
        ]),
      ),
    ),
  );
};

/** What names a piece of work leads to its lines. */
const NARROWS = { trace: 'trace', promiseId: 'promiseId', chatId: 'chatId' };

const shownValue = (name, value) => {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? '');
  if (!Object.hasOwn(NARROWS, name) || text === '') return text;
  return element('a', { href: addressOf('log', [], { [NARROWS[name]]: text }) }, text);
};
