import { addressOf } from '../address.js';
import { labelled, lookEvery } from '../filters.js';
import { element, OWN_DIRECTION } from '../markdown.js';
import { makeKeyedList, makePanel } from '../panel.js';
import { plain } from '../plain.js';
import { get, post } from '../server.js';
import { makeSilencer } from '../silencer.js';
import { timeElement } from '../times.js';

/** What the rules have found changes with each look of the leading bot: every 15 s. */
const LOOK_MS = 15_000;
const STATES = { firing: 'Fires', pending: 'Begins', resolved: 'Is over', well: 'Well', unknown: 'Not known', off: 'Off' };

/** What fires, what each rule has found last, and what is silenced. */
export const view = {
  name: 'alerts',
  title: 'Alerts',
  topics: ['alerts'],
  show: (root, { parts: [named] }) => {
    const said = element('p', { class: 'said', role: 'status', 'data-testid': 'alerts-said' });
    const silencer = makeSilencer({
      onDone: (words) => {
        said.textContent = plain(words);
        void panel.load();
      },
    });
    const looked = element('p', { class: 'summary', 'data-testid': 'alerts-looked' });
    const cards = element('ol', { class: 'cards', 'aria-label': 'Alerts, those that fire first' });
    const showCards = makeKeyedList(cards, {
      keyOf: ({ key }) => key,
      render: (alert) => renderAlert(alert, silencer.button, alert.key === named),
    });
    const none = element('p', { class: 'none', 'data-testid': 'no-alerts' }, 'Nothing fires.');
    const silences = element('ol', { class: 'cards', 'aria-label': 'Silences' });
    const showSilences = makeKeyedList(silences, {
      keyOf: ({ target }) => target,
      render: (silence) =>
        renderSilence(silence, async () => {
          await post('/api/v1/alerts/silences/end', { target: silence.target });
          said.textContent = plain(`${silence.target} is not silenced any more.`);
          await panel.load();
        }),
    });
    const silenced = element('section', { 'data-testid': 'silences' }, element('h3', {}, 'Silenced'), silences);
    const rows = element('tbody', {});
    const showRules = makeKeyedList(rows, {
      keyOf: ({ id }) => id,
      render: (rule) => labelled(renderRule(rule, silencer.button), RULE_HEADS),
    });
    const rules = element(
      'table',
      { class: 'wide-table stacked', 'data-testid': 'rules' },
      element('caption', {}, 'What each rule has found last'),
      element('thead', {}, element('tr', {}, ...RULE_HEADS.map((head) => element('th', { scope: 'col' }, head)))),
      rows,
    );
    const panel = makePanel({
      content: element(
        'div',
        {},
        looked,
        said,
        element('section', { 'data-testid': 'alert-list' }, none, cards),
        silenced,
        element('div', { class: 'wide', tabindex: 0, role: 'region', 'aria-label': 'Rules' }, rules),
      ),
      read: () => get('/api/v1/alerts'),
      isEmpty: () => false,
      onMissing: 'Nobody looks at alerts here.',
      show: (found) => {
        looked.replaceChildren(...lookWords(found));
        none.hidden = found.alerts.length > 0;
        showCards(found.alerts);
        silenced.hidden = found.silences.length === 0;
        showSilences(found.silences);
        showRules(found.rules);
      },
    });
    root.append(panel.element, silencer.element);
    void panel.load().then(() => cards.querySelector('.found')?.scrollIntoView({ block: 'center' }));
    const end = lookEvery(LOOK_MS, () => void panel.load());
    return { update: () => void panel.load(), close: end };
  },
};

const lookWords = ({ lookedAt, isStale, channels }) => {
  const ways = channels.length === 0 ? ' No channel is configured: alerts reach nobody.' : ` They leave by ${channels.join(', ')}.`;
  if (lookedAt === undefined) return ['No bot that leads has looked yet.', plain(ways)];
  if (isStale) return ['Nobody looks now. The last look was ', timeElement(lookedAt), `.${plain(ways)}`];
  return [plain(`A bot looks every 15 seconds.${ways}`)];
};

const renderAlert = (alert, silenceButton, isNamed) => {
  const { key, rule, title, detail, state, severity, pendingSince, startedAt, resolvedAt, silencedUntil, deliveries } = alert;
  const times = element('p', { class: 'times' });
  const addTime = (words, iso) => iso && times.append(element('span', {}, `${words} `, timeElement(iso)));
  addTime('since', state === 'pending' ? pendingSince : startedAt);
  addTime('over', resolvedAt);
  addTime('silenced until', silencedUntil);
  const told = deliveries.map(
    ({ channel, sent, failures, lastError }) =>
      `${channel}: ${failures > 0 ? `failed ${failures} times${lastError ? `, ${lastError}` : ''}` : sent === undefined ? 'on its way' : `told that it ${sent === 'firing' ? 'fires' : 'is over'}`}`,
  );
  return element(
    'li',
    { class: `card ${state === 'firing' ? 'failed' : ''}${isNamed ? ' found' : ''}`, 'data-testid': 'alert', 'data-key': key },
    element(
      'p',
      { class: 'card-head' },
      element('span', { class: 'status' }, `${STATES[state] ?? state}${silencedUntil ? ', silenced' : ''}`),
      severity === undefined ? undefined : element('span', {}, severity),
      element('a', { class: 'type', href: addressOf('alerts', [key]) }, key),
    ),
    element('p', { ...OWN_DIRECTION, class: 'task' }, title ?? rule),
    detail === undefined ? undefined : element('p', { ...OWN_DIRECTION, class: 'notes' }, detail),
    told.length === 0 ? undefined : element('p', { ...OWN_DIRECTION, class: 'notes' }, told.join('; ')),
    element('div', { class: 'foot' }, times, silenceButton(key, `Silence ${title ?? key}`)),
  );
};

const renderSilence = ({ target, until, reason }, end) => {
  const problem = element('p', { class: 'problem', role: 'alert', hidden: '' });
  const button = element(
    'button',
    { type: 'button', class: 'quiet', 'data-testid': 'end-silence', 'aria-label': `End the silence of ${target}` },
    'End',
  );
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      await end();
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = button.disabled = false;
    }
  });
  return element(
    'li',
    { class: 'card', 'data-testid': 'silence' },
    element('p', { class: 'task' }, target),
    reason === undefined ? undefined : element('p', { ...OWN_DIRECTION, class: 'notes' }, reason),
    element('div', { class: 'foot' }, element('p', { class: 'times' }, element('span', {}, 'until ', timeElement(until))), button),
    problem,
  );
};

const RULE_HEADS = ['Rule', 'State', 'Found', 'Threshold', 'Severity', 'Silence'];

const renderRule = ({ id, state, found, threshold, severity }, silenceButton) =>
  element(
    'tr',
    { 'data-testid': 'rule', 'data-rule': id },
    element('th', { scope: 'row' }, id),
    element(
      'td',
      { class: `state-${state === 'firing' ? 'fail' : state === 'well' ? 'ok' : 'skipped'}` },
      element('span', { class: 'status' }, STATES[state] ?? state),
    ),
    element('td', OWN_DIRECTION, found.slice(0, 3).join('; ')),
    element('td', {}, String(threshold)),
    element('td', {}, severity),
    element('td', {}, state === 'off' ? '' : silenceButton(id, `Silence the rule ${id}`)),
  );
