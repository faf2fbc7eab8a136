import { addressOf } from '../address.js';
import { showConversation } from '../conversation.js';
import { makeFilters, queryOf } from '../filters.js';
import { element, OWN_DIRECTION } from '../markdown.js';
import { makeMore } from '../more.js';
import { makeKeyedList, makePanel } from '../panel.js';
import { showReading } from '../reading.js';
import { get } from '../server.js';
import { timeElement } from '../times.js';

const PAGE = 100;
/** `local:2`, or its number alone. */
const LOCAL = /^(?:local:)?([1-9]\d{0,8})$/;
const KINDS = { direct: 'Direct', group: 'Group', channel: 'Channel' };

/** The chats, and the conversation of one of them: to talk in local ones, to read in all others. */
export const view = {
  name: 'chats',
  title: 'Chats',
  topics: ['chats', 'promises', 'schedules'],
  show: (root, place) => {
    const [asked] = place.parts;
    if (asked === undefined) return showList(root, place);
    const number = LOCAL.exec(asked.trim())?.[1];
    return number === undefined ? showReading(root, asked, place) : showConversation(root, `local:${number}`, place);
  },
};

const showList = (root, place) => {
  let limit = PAGE;
  const filters = makeFilters({
    place,
    fields: [{ name: 'text', label: 'Title, id or workspace' }],
    onChange: () => void panel.load({ isAsked: true }),
  });
  const rows = element('tbody', {});
  const count = element('p', { class: 'count-line', role: 'status', 'data-testid': 'chat-count' });
  const more = makeMore('Show more chats', () => {
    limit += PAGE;
    return panel.load();
  });
  const table = element(
    'table',
    { class: 'list' },
    element('caption', { class: 'unseen' }, 'Chats, the latest first'),
    element('thead', {}, element('tr', {}, ...HEADS.map(([words, name]) => element('th', { scope: 'col', class: name }, words)))),
    rows,
  );
  const showRows = makeKeyedList(rows, { keyOf: ({ chatId }) => chatId, render: renderChat });
  const panel = makePanel({
    content: element(
      'div',
      {},
      count,
      element('div', { class: 'wide', tabindex: '0', role: 'region', 'aria-label': 'Chats' }, table),
      more,
    ),
    read: () => get(`/api/v1/chats${queryOf({ ...filters.values(), limit })}`),
    isEmpty: ({ total }) => total === 0,
    empty: 'No chat fits. A chat is here once somebody has written in it.',
    show: ({ chats, total, isCut }) => {
      count.textContent = `${chats.length} of ${total.toLocaleString('en-US')} chats${isCut ? ', of more that are not looked at' : ''}`;
      more.hidden = chats.length >= total || limit >= 1_000;
      showRows(chats);
    },
  });
  root.append(
    element('p', { class: 'intro' }, element('a', { href: addressOf('chats', ['local:1']) }, 'Talk in the local chat')),
    filters.element,
    panel.element,
  );
  void panel.load();
  return { update: () => void panel.load(), close: filters.close };
};

const HEADS = [
  ['Chat', 'name'],
  ['Kind', 'extra'],
  ['Workspace', 'extra'],
  ['Open promises', 'figure'],
  ['Last', 'figure'],
];

const renderChat = ({ chatId, kind, title, workspace, lastAt, lastText, lastVerdict, openPromises }) =>
  element(
    'tr',
    { 'data-testid': 'chat', 'data-chat-id': chatId },
    element(
      'th',
      { scope: 'row', class: 'name' },
      element('a', { ...OWN_DIRECTION, href: addressOf('chats', [chatId]) }, title || chatId),
      element('span', { ...OWN_DIRECTION, class: 'second' }, lastVerdict === 'denied' ? 'not let in' : lastText),
    ),
    element('td', { class: 'extra' }, KINDS[kind] ?? kind),
    element('td', { ...OWN_DIRECTION, class: 'extra' }, workspace ?? '–'),
    element(
      'td',
      { class: 'figure' },
      openPromises === 0 ? '0' : element('a', { href: addressOf('promises', [], { chatId, status: 'open' }) }, String(openPromises)),
    ),
    element('td', { class: 'figure' }, timeElement(lastAt)),
  );
