import { timeElement } from './chat.js';
import { element, OWN_DIRECTION } from './markdown.js';
import { chatLink } from './promises.js';
import { get, post } from './server.js';

const LIMIT = 100;
/** Looked for this long after what may have changed them, however often that is, and this often else. */
const SOON_MS = 1_000;
const LOOK_MS = 30_000;
const byId = (id) => document.getElementById(id);

/** The schedules that are active, of one chat or of all. */
export const makeSchedules = (chat) => {
  let everywhere = false;
  let shown = '';
  let soon;

  const load = async () => {
    clearTimeout(soon);
    soon = undefined;
    const asked = everywhere;
    // A failed look is made good by the next one; the banner already tells of a lost connection.
    const found = await get(`/api/schedules?limit=${LIMIT}${asked ? '' : `&chatId=${chat}`}`).catch(() => undefined);
    if (found && asked === everywhere) show(found.schedules);
  };

  const show = (schedules) => {
    const seen = JSON.stringify([everywhere, schedules]);
    if (seen === shown) return;
    shown = seen;
    byId('schedules').hidden = schedules.length === 0;
    byId('schedule-count').textContent = String(schedules.length);
    byId('schedule-cards').replaceChildren(...schedules.map((schedule) => renderSchedule(schedule, { onEnded: load, everywhere })));
  };

  setInterval(() => document.hidden || void load(), LOOK_MS);
  return {
    load: () => void load(),
    look: () => {
      soon ??= setTimeout(() => void load(), SOON_MS);
    },
    choose: (all) => {
      everywhere = all;
      void load();
    },
  };
};

const renderSchedule = ({ id, chatId, taskDescription, cron, timeZone, nextAt, lastPromiseId }, { onEnded, everywhere }) => {
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
