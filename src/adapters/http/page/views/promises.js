import { element } from '../markdown.js';
import { makeKeyedList, makePanel } from '../panel.js';
import { renderCard } from '../promise-card.js';
import { get } from '../server.js';

const LIMIT = 100;

/** The promises of all chats. */
export const view = {
  name: 'promises',
  title: 'Promises',
  topics: ['promises'],
  show: (root) => {
    const cards = element('ol', { class: 'cards', 'data-testid': 'cards', 'aria-label': 'Promises, newest first' });
    const showAll = makeKeyedList(cards, {
      keyOf: ({ id }) => id,
      render: (promise) => renderCard(promise, { onChanged: () => void panel.load(), everywhere: true }),
    });
    const panel = makePanel({
      content: cards,
      read: () => get(`/api/promises?limit=${LIMIT}`),
      isEmpty: ({ promises }) => promises.length === 0,
      empty: 'No promises yet.',
      show: ({ promises }) => showAll(promises),
    });
    root.append(panel.element);
    void panel.load();
    return { update: () => void panel.load(), close: () => undefined };
  },
};
