import { makeBreathe } from './breathe.js';
import { timeElement } from './chat.js';
import { element, OWN_DIRECTION, renderMarkdown } from './markdown.js';
import { get, post } from './server.js';

const LIMIT = 100;
/** The stream tells of this chat's promises alone; the others are looked up, seldom enough for every rate limit. */
const LOOK_MS = 5_000;
/** A result longer than this is folded. */
const SHORT = 400;

const NAMES = {
  waiting: 'Waiting',
  pending: 'Pending',
  in_progress: 'In progress',
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
};
const isActive = ({ status }) => status === 'waiting' || status === 'pending' || status === 'in_progress';
const byId = (id) => document.getElementById(id);

/** The list of promises, of one chat or of all. Calls `onChoose(all)` when the person switches. */
export const makePromises = (chat, onChoose) => {
  const cards = new Map();
  let everywhere = false;
  let looking;

  const show = (promise) => {
    const known = cards.get(promise.id);
    const seen = JSON.stringify(promise);
    if (known?.seen === seen) return;
    const made = renderCard(promise, { onChanged: show, everywhere });
    const wasOpen = known?.element.querySelector('details')?.open;
    if (wasOpen !== undefined && made.querySelector('details')) made.querySelector('details').open = wasOpen;
    if (known) known.element.replaceWith(made);
    else {
      const below = [...cards.keys()].filter((id) => id < promise.id);
      byId('cards').insertBefore(made, below.length === 0 ? null : cards.get(Math.max(...below)).element);
    }
    cards.set(promise.id, { promise, seen, element: made });
    summarise();
  };

  const summarise = () => {
    const active = [...cards.values()].filter(({ promise }) => isActive(promise)).length;
    byId('active').textContent = active === 0 ? '' : `${active} open`;
    byId('tab-count').textContent = String(active);
    byId('tab-count').hidden = active === 0;
    byId('none').hidden = cards.size > 0;
  };

  const load = async () => {
    const asked = everywhere;
    const { promises } = await get(`/api/promises?limit=${LIMIT}${asked ? '' : `&chatId=${chat}`}`);
    const breathe = makeBreathe();
    for (const promise of promises) {
      if (asked !== everywhere) return;
      show(promise);
      await breathe();
    }
    if (asked === everywhere) summarise();
  };

  const choose = (all) => {
    everywhere = all;
    onChoose(all);
    byId('here').setAttribute('aria-pressed', String(!all));
    byId('everywhere').setAttribute('aria-pressed', String(all));
    cards.clear();
    byId('cards').replaceChildren();
    clearInterval(looking);
    // A failed look is made good by the next one; the banner already tells of a lost connection.
    const look = () => document.hidden || load().catch(() => summarise());
    if (all) looking = setInterval(look, LOOK_MS);
    void look();
  };
  byId('here').addEventListener('click', () => choose(false));
  byId('everywhere').addEventListener('click', () => choose(true));

  return { load, show };
};

const renderCard = (promise, { onChanged, everywhere }) => {
  const { id, status, taskDescription, taskType, createdAt, completedAt, startedAt, dueAt, deadline, deliveredAt } = promise;
  const problem = element('p', { class: 'problem', role: 'alert', hidden: '' });
  const button = (verb, words) => {
    const made = element('button', { type: 'button', class: 'quiet', 'data-testid': verb }, words);
    made.setAttribute('aria-label', `${words} promise ${id}`);
    made.addEventListener('click', async () => {
      made.disabled = true;
      try {
        onChanged(await post(`/api/promises/${id}/${verb}`));
      } catch (error) {
        problem.textContent = error.message;
        problem.hidden = false;
        made.disabled = false;
      }
    });
    return made;
  };

  const times = element('p', { class: 'times' });
  const addTime = (words, iso) => times.append(element('span', {}, `${words} `, timeElement(iso)));
  addTime('Made', createdAt);
  if (completedAt) addTime(status, completedAt);
  else if (startedAt) addTime('at work since', startedAt);
  else if (dueAt && new Date(dueAt) > new Date()) addTime(promise.attempts > 0 ? 'tries again' : 'starts', dueAt);
  if (deadline && !completedAt) addTime('to be done by', deadline);
  if (promise.attempts > 1) times.append(element('span', {}, `attempt ${promise.attempts}`));

  const notes = [
    promise.approvalId === undefined ? undefined : `waits for approval #${promise.approvalId}`,
    promise.dependsOn.length === 0 ? undefined : `after ${promise.dependsOn.map((parent) => `#${parent}`).join(', ')}`,
    everywhere ? chatLink(promise.chatId) : undefined,
    promise.priority === 5 ? undefined : `priority ${promise.priority}`,
  ].filter(Boolean);

  const delivery = deliveredAt
    ? element(
        'p',
        { class: 'delivered', 'data-testid': 'delivered', title: new Date(deliveredAt).toLocaleString() },
        '✓ Delivered to the chat',
      )
    : element('p', { class: 'undelivered' }, 'On its way to the chat…');
  const foot = element('div', { class: 'foot' }, element('div', {}, times, completedAt ? delivery : undefined));
  if (isActive(promise)) foot.append(button('cancel', 'Cancel'));
  if (status === 'failed' || status === 'cancelled') foot.append(button('retry', 'Try again'));

  return element(
    'li',
    { class: `card ${status}`, 'data-testid': 'promise', 'data-promise-id': id, 'data-status': status },
    element(
      'p',
      { class: 'card-head' },
      ...[
        element('span', { class: 'number' }, `#${id}`),
        element('span', { class: 'status', 'data-testid': 'status' }, NAMES[status] ?? status),
      ],
      element('span', { class: 'type' }, taskType),
    ),
    element('p', { ...OWN_DIRECTION, class: 'task' }, taskDescription),
    promise.progress ? element('p', { ...OWN_DIRECTION, class: 'notes', 'data-testid': 'progress' }, promise.progress) : undefined,
    notes.length === 0 ? undefined : element('p', { class: 'notes' }, ...notes.flatMap((note, at) => (at === 0 ? [note] : [' · ', note]))),
    promise.errorMessage ? element('p', { ...OWN_DIRECTION, class: 'error', 'data-testid': 'error' }, promise.errorMessage) : undefined,
    promise.resultSummary ? renderResult(promise.resultSummary) : undefined,
    ...[foot, problem],
  );
};

/** Another local chat is opened by its name; those of Telegram have no page here. */
export const chatLink = (chatId) =>
  chatId.startsWith('local:') ? element('a', { href: `?chat=${chatId}`, 'data-testid': 'chat-link' }, `chat ${chatId}`) : `chat ${chatId}`;

const renderResult = (text) => {
  const result = element('div', { class: 'result', 'data-testid': 'result' }, renderMarkdown(text));
  const folded = element('details', {}, element('summary', {}, 'Result'), result);
  folded.open = text.length <= SHORT;
  return folded;
};
