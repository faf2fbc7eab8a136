import { element } from '../markdown.js';
import { makeKeyedList, makePanel } from '../panel.js';
import { renderSchedule } from '../schedule-card.js';
import { get } from '../server.js';

const LIMIT = 100;

/** The schedules that are active, of all chats. */
export const view = {
  name: 'schedules',
  title: 'Schedules',
  topics: ['schedules'],
  show: (root) => {
    const cards = element('ol', { class: 'cards', 'aria-label': 'Schedules, newest first' });
    const showAll = makeKeyedList(cards, {
      keyOf: ({ id }) => id,
      render: (schedule) => renderSchedule(schedule, { onEnded: () => panel.load(), everywhere: true }),
    });
    const panel = makePanel({
      content: cards,
      read: () => get(`/api/schedules?limit=${LIMIT}`),
      isEmpty: ({ schedules }) => schedules.length === 0,
      empty: 'No schedule is active. Ask for something “every day at 9:00”.',
      show: ({ schedules }) => showAll(schedules),
    });
    root.append(panel.element);
    void panel.load();
    return { update: () => void panel.load(), close: () => undefined };
  },
};
