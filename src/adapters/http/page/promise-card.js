import { addressOf } from './address.js';
import { element, OWN_DIRECTION, renderMarkdown } from './markdown.js';
import { post } from './server.js';
import { timeElement } from './times.js';

/** A result longer than this is folded. */
const SHORT = 400;

export const STATUS_NAMES = {
  waiting: 'Waiting',
  pending: 'Pending',
  in_progress: 'In progress',
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
};
export const isActive = ({ status }) => status === 'waiting' || status === 'pending' || status === 'in_progress';

/** A promise with what can be done about it. Calls `onChanged(promise)` when it was done. */
export const renderCard = (promise, { onChanged, everywhere }) => {
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
        element('a', { class: 'number', href: addressOf('promises', [String(id)]) }, `#${id}`),
        element('span', { class: 'status', 'data-testid': 'status' }, STATUS_NAMES[status] ?? status),
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

/** A chat is opened by its name, whatever its gateway. */
export const chatLink = (chatId) => element('a', { href: addressOf('chats', [chatId]), 'data-testid': 'chat-link' }, `chat ${chatId}`);

const renderResult = (text) => {
  const result = element('div', { class: 'result', 'data-testid': 'result' }, renderMarkdown(text));
  const folded = element('details', {}, element('summary', {}, 'Result'), result);
  folded.open = text.length <= SHORT;
  return folded;
};
