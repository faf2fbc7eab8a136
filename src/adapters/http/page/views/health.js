import { addressOf } from '../address.js';
import { lookEvery } from '../filters.js';
import { element, OWN_DIRECTION } from '../markdown.js';
import { makeKeyedList, makePanel } from '../panel.js';
import { plain } from '../plain.js';
import { get } from '../server.js';
import { timeElement } from '../times.js';

/** As often as a process gives a sign of life. */
const LOOK_MS = 15_000;
/** What is wrong comes first. */
const ORDER = ['fail', 'warn', 'ok', 'skipped'];
const WORDS = { fail: 'Fails', warn: 'Warns', ok: 'OK', skipped: 'Not asked' };

/** Every check with its state and how to mend it, and every process with its last sign of life. */
export const view = {
  name: 'health',
  title: 'Health',
  topics: ['health'],
  show: (root, { parts: [named] }) => {
    const summary = element('p', { class: 'summary', role: 'status', 'data-testid': 'health-summary' });
    const tiles = element('ol', { class: 'tiles', 'aria-label': 'Checks, what is wrong first' });
    const showTiles = makeKeyedList(tiles, { keyOf: ({ id }) => id, render: (check) => renderCheck(check, check.id === named) });
    let isFound = false;
    let isDeep = false;
    const checks = makePanel({
      content: element('div', {}, summary, tiles),
      read: () => get(`/api/v1/health${isDeep ? '?deep=true' : ''}`),
      isEmpty: (found) => found.checks.length === 0,
      empty: 'Nothing is looked at here.',
      onMissing: 'This server does not tell of its checks.',
      show: (found) => {
        summary.textContent = summaryOf(found.checks);
        showTiles(found.checks.toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status)));
        if (!isFound) tiles.querySelector('.found')?.scrollIntoView({ block: 'center' });
        isFound = true;
      },
    });
    const deep = element('button', { type: 'button', class: 'quiet', 'data-testid': 'deep' }, 'Ask the agents, too (costs money)');
    deep.addEventListener('click', async () => {
      deep.disabled = true;
      summary.textContent = 'Asking every agent a test question…';
      isDeep = true;
      await checks.load();
      isDeep = false;
      deep.disabled = false;
    });

    const processTiles = element('ol', { class: 'tiles', 'aria-label': 'Processes, those that live first' });
    const showProcesses = makeKeyedList(processTiles, { keyOf: ({ id }) => id, render: renderProcess });
    const loops = element('p', { class: 'problem', hidden: '' });
    const processes = makePanel({
      content: element('div', {}, loops, processTiles),
      read: () => get('/api/v1/processes?limit=60'),
      isEmpty: (found) => found.processes.length === 0,
      empty: 'No process has given a sign of life yet.',
      onMissing: 'This server keeps no register of processes.',
      show: (found) => {
        loops.hidden = found.looping.length === 0;
        loops.textContent = plain(found.looping.map((each) => loopWords(each, found.restartsWithinSeconds)).join(' '));
        showProcesses(found.processes);
      },
    });
    root.append(
      element(
        'section',
        { 'data-testid': 'checks' },
        element('div', { class: 'heading' }, element('h3', {}, 'Checks'), deep),
        checks.element,
      ),
      element(
        'section',
        { 'data-testid': 'processes' },
        element('div', { class: 'heading' }, element('h3', {}, 'Processes')),
        processes.element,
      ),
    );
    const load = () => {
      // What was asked deeply stays until somebody asks again: it is told for a minute by the server, too.
      if (!deep.disabled) void checks.load();
      void processes.load();
    };
    load();
    const end = lookEvery(LOOK_MS, load);
    return { update: load, close: end };
  },
};

const summaryOf = (checks) => {
  const count = (status) => checks.filter((check) => check.status === status).length;
  const [fails, warns] = [count('fail'), count('warn')];
  const some = (number, one, several) => (number === 0 ? [] : [`${number} ${number === 1 ? one : several}`]);
  const wrong = [...some(fails, 'fails', 'fail'), ...some(warns, 'warns', 'warn')].join(', ') || 'All is well';
  return `${wrong}: ${count('ok')} of ${checks.length} are OK, ${count('skipped')} were not asked.`;
};

const loopWords = ({ role, host, count }, seconds) =>
  `${role} on ${host} began and broke off ${count} times within ${Math.round(seconds / 60)} minutes: its log says why.`;

const renderCheck = ({ id, status, message, where, fixHint }, isNamed) =>
  element(
    'li',
    { class: `card tile state-${status}${isNamed ? ' found' : ''}`, 'data-testid': 'check', 'data-check': id },
    element(
      'p',
      { class: 'card-head' },
      element('span', { class: 'status' }, WORDS[status] ?? status),
      element('a', { class: 'type', href: addressOf('health', [id]) }, id),
    ),
    element('p', { ...OWN_DIRECTION, class: 'said' }, message),
    where === undefined ? undefined : element('p', { ...OWN_DIRECTION, class: 'notes' }, `In ${where}`),
    fixHint === undefined ? undefined : element('p', { ...OWN_DIRECTION, class: 'fix' }, ...hintParts(status, fixHint)),
  );

/** Commands stand between backticks. */
const hintParts = (status, hint) => [
  ...(status === 'skipped' ? [] : [element('b', {}, 'To mend it: ')]),
  ...hint.split('`').map((part, at) => (at % 2 === 1 ? element('code', {}, part) : part)),
];

const renderProcess = (process) => {
  const { role, host, pid, version, vitality, phase, standing, leader, promises, promiseCount, answering, metrics } = process;
  const isAlive = vitality === 'alive';
  const duty =
    standing === 'leads' ? 'leads' : standing === 'stands-by' ? `stands by${leader === undefined ? '' : ` for ${leader}`}` : undefined;
  const more = promiseCount > promises.length ? ` and ${promiseCount - promises.length} more` : '';
  const fact = (name, ...value) => [element('dt', {}, name), element('dd', OWN_DIRECTION, ...value)];
  return element(
    'li',
    {
      class: `card tile state-${isAlive ? 'ok' : vitality === 'stopped' && phase !== 'failed' ? 'skipped' : 'fail'}`,
      'data-testid': 'process',
    },
    element(
      'p',
      { class: 'card-head' },
      element('span', { class: 'status' }, isAlive && phase !== 'running' ? phase : phase === 'failed' ? 'failed' : vitality),
      element('b', {}, role),
      duty === undefined ? undefined : element('span', { class: 'duty' }, duty),
      element('span', { class: 'type' }, `version ${version}`),
    ),
    element(
      'dl',
      { class: 'facts' },
      ...fact('Sign of life', timeElement(process.heartbeatAt)),
      ...fact('Since', timeElement(process.startedAt)),
      ...(process.stoppedAt === undefined ? [] : fact('Stopped', timeElement(process.stoppedAt))),
      ...fact('Where', `${host}, PID ${pid}`),
      ...(answering > 0 ? fact('Answers', `${answering} ${answering === 1 ? 'chat' : 'chats'}`) : []),
      ...(promiseCount > 0 ? fact('Works on', ...promiseLinks(promises), more) : []),
      ...(isAlive && promiseCount === 0 && answering === 0 ? fact('At', 'nothing now') : []),
      ...(metrics === undefined
        ? []
        : fact('Metrics', metrics.isServed ? `port ${metrics.port}` : `not served: port ${metrics.port} is taken`)),
    ),
  );
};

const promiseLinks = (ids) =>
  ids.flatMap((id, at) => [at === 0 ? '' : ', ', element('a', { href: addressOf('promises', [id]) }, `#${id}`)]);
