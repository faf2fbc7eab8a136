import { element, OWN_DIRECTION } from './markdown.js';
import { chatLink } from './promise-card.js';
import { post } from './server.js';
import { timeElement } from './times.js';

/** A schedule with its end. Calls `onEnded` when somebody ended it here. */
export const renderSchedule = ({ id, chatId, taskDescription, cron, timeZone, nextAt, lastPromiseId }, { onEnded, everywhere }) => {
  const problem = element('p', { class: 'problem', role: 'alert', hidden: '' });
  const end = element(
    'button',
    { type: 'button', class: 'quiet', 'data-testid': 'end-schedule', 'aria-label': `End schedule ${id}` },
    'End',
  );
  end.addEventListener('click', async () => {
    end.disabled = true;
    try {
      await post(`/api/schedules/${id}/cancel`);
      void onEnded();
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
      end.disabled = false;
    }
  });
  const next = nextAt ? element('span', {}, 'next ', timeElement(nextAt)) : undefined;
  const last = lastPromiseId ? element('span', {}, `last promise #${lastPromiseId}`) : undefined;
  return element(
    'li',
    { class: 'card', 'data-testid': 'schedule', 'data-schedule-id': id },
    element(
      'p',
      { class: 'card-head' },
      ...[element('span', { class: 'number' }, `#${id}`), element('code', { 'data-testid': 'cron' }, cron)],
      element('span', { class: 'type' }, timeZone),
    ),
    element('p', { ...OWN_DIRECTION, class: 'task' }, taskDescription),
    everywhere ? element('p', { class: 'notes' }, chatLink(chatId)) : undefined,
    element('div', { class: 'foot' }, element('div', {}, element('p', { class: 'times' }, next, last)), end),
    problem,
  );
};
