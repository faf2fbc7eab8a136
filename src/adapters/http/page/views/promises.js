import { makeFilters, queryOf } from '../filters.js';
import { element } from '../markdown.js';
import { makeMore } from '../more.js';
import { makeKeyedList, makePanel } from '../panel.js';
import { renderCard, STATUS_NAMES } from '../promise-card.js';
import { showPromise } from '../promise-detail.js';
import { get } from '../server.js';

const PAGE = 50;
/** So many are read again when something has changed; the others stay as they were found. */
const MAX_AGAIN = 200;
/** A search that finds nothing goes on by itself so many times. */
const MAX_EMPTY = 10;
const OPEN = 'waiting,pending,in_progress';
const FIELDS = [
  { name: 'text', label: 'Words of the task' },
  { name: 'status', label: 'Status', options: [['', 'Any'], ['open', 'Open'], ...Object.entries(STATUS_NAMES)] },
  { name: 'chatId', label: 'Chat' },
  { name: 'workspace', label: 'Workspace' },
  { name: 'agent', label: 'Agent' },
];

/** The promises of all chats, and one of them. */
export const view = {
  name: 'promises',
  title: 'Promises',
  topics: ['promises'],
  show: (root, place) => (place.parts.length > 0 ? showPromise(root, place) : showList(root, place)),
};

const showList = (root, place) => {
  let shown = [];
  let next;
  const filters = makeFilters({
    place,
    fields: FIELDS,
    onChange: () => {
      shown = [];
      void panel.load({ isAsked: true });
    },
  });
  const read = async (fields) => {
    const { status, ...others } = filters.values();
    return get(`/api/v1/promises${queryOf({ ...others, status: status === 'open' ? OPEN : status, ...fields })}`);
  };
  /** A page that has some, or the last one. */
  const readSome = async (fields) => {
    let page = await read(fields);
    for (let looked = 1; page.promises.length === 0 && page.next !== undefined && looked < MAX_EMPTY; looked++)
      page = await read({ ...fields, cursor: page.next });
    return page;
  };
  const cards = element('ol', { class: 'cards', 'data-testid': 'cards', 'aria-label': 'Promises, newest first' });
  const count = element('p', { class: 'count-line', role: 'status', 'data-testid': 'promise-count' });
  const showCards = makeKeyedList(cards, {
    keyOf: ({ id }) => id,
    render: (promise) => renderCard(promise, { onChanged: () => void panel.load(), everywhere: true }),
  });
  const show = (found, after) => {
    shown = found;
    next = after;
    more.hidden = next === undefined;
    const isNone = shown.length === 0;
    count.textContent = isNone ? '' : `${shown.length.toLocaleString('en-US')} shown${next === undefined ? '' : ', there are more'}`;
    showCards(shown);
  };
  const more = makeMore('Show more promises', async () => {
    try {
      const page = await readSome({ cursor: next, limit: PAGE });
      show([...shown, ...page.promises], page.next);
    } catch (error) {
      count.textContent = error.message;
    }
  });
  const panel = makePanel({
    content: element('div', {}, count, cards, more),
    read: () => readSome({ limit: Math.min(MAX_AGAIN, Math.max(PAGE, shown.length)) }),
    isEmpty: (page) => page.promises.length === 0 && page.next === undefined,
    empty: () => (Object.keys(filters.values()).length === 0 ? 'No promises yet.' : 'No promise fits.'),
    show: (page) => {
      const oldest = page.next === undefined ? 0 : (page.promises.at(-1)?.id ?? 0);
      const older = shown.filter(({ id }) => id < oldest);
      show([...page.promises, ...older], older.length > 0 ? next : page.next);
    },
  });
  root.append(filters.element, panel.element);
  void panel.load();
  return { update: () => void panel.load(), close: filters.close };
};
