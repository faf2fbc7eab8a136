import { addressOf } from '../address.js';
import { labelled, lookEvery, makeFilters, queryOf } from '../filters.js';
import { element, OWN_DIRECTION } from '../markdown.js';
import { makeKeyedList, makePanel } from '../panel.js';
import { chatLink } from '../promise-card.js';
import { get } from '../server.js';
import { timeElement } from '../times.js';

const LIMIT = 100;
const LOOK_MS = 5_000;
const VERDICTS = [
  ['', 'All'],
  ['denied', 'Denied'],
  ['failed', 'Failed'],
  ['open', 'Waiting for their turn'],
  ['answered', 'Answered'],
  ['remembered', 'Remembered'],
  ['ignored', 'Ignored'],
];
const WORDS = { ...Object.fromEntries(VERDICTS), open: 'Waits' };
const HEADS = ['When', 'Decision', 'From', 'Chat', 'What was said', 'By which rule', 'Why'];

/** What came in and what was decided on each message; with a chat and a message, all that led to it. */
export const view = {
  name: 'messages',
  title: 'Decisions',
  topics: ['chats', 'promises'],
  show: (root, place) => (place.parts.length >= 2 ? showWhy(root, place) : showList(root, place)),
};

const showList = (root, place) => {
  const rows = element('tbody', {});
  const showRows = makeKeyedList(rows, {
    keyOf: ({ chatId, messageId }) => `${chatId} ${messageId}`,
    render: (found) => labelled(renderRow(found), HEADS),
  });
  const table = element(
    'table',
    { class: 'wide-table stacked', 'data-testid': 'decisions' },
    element('caption', {}, `What came in, newest first, at most ${LIMIT}`),
    element('thead', {}, element('tr', {}, ...HEADS.map((head) => element('th', { scope: 'col' }, head)))),
    rows,
  );
  const filters = makeFilters({
    place,
    fields: [
      { name: 'verdict', label: 'Decision', options: VERDICTS },
      { name: 'chatId', label: 'Chat', placeholder: 'telegram:-100…' },
    ],
    onChange: () => void panel.load({ isAsked: true }),
  });
  const panel = makePanel({
    content: element('div', { class: 'wide', tabindex: 0, role: 'region', 'aria-label': 'Decisions' }, table),
    read: () => get(`/api/v1/inbox${queryOf({ ...filters.values(), limit: LIMIT })}`),
    isEmpty: ({ messages }) => messages.length === 0,
    empty: 'Nothing came in that fits.',
    show: ({ messages }) => showRows(messages),
  });
  root.append(filters.element, panel.element);
  void panel.load();
  const end = lookEvery(LOOK_MS, () => void panel.load());
  return {
    update: () => void panel.load(),
    close: () => {
      end();
      filters.close();
    },
  };
};

const renderRow = ({ chatId, chatTitle, messageId, sender, text, receivedAt, verdict, reason, access, response, deletedAt }) => {
  const by = response && access.allowed ? response.rule : access.rule;
  const from = sender.username ? `@${sender.username}` : (sender.displayName ?? sender.id);
  return element(
    'tr',
    { 'data-testid': 'decision', 'data-verdict': verdict },
    element('td', {}, timeElement(receivedAt)),
    element(
      'td',
      { class: `state-${verdict === 'denied' || verdict === 'failed' ? 'fail' : verdict === 'answered' ? 'ok' : 'skipped'}` },
      element('span', { class: 'status' }, WORDS[verdict] ?? verdict),
    ),
    element('td', OWN_DIRECTION, from),
    element('td', OWN_DIRECTION, chatTitle === undefined ? chatLink(chatId) : `${chatTitle} (${chatId})`),
    element('td', { ...OWN_DIRECTION, class: 'long-words' }, deletedAt ? '(deleted)' : text),
    element('td', OWN_DIRECTION, reason ?? `${by}${access.allowed ? '' : `, set at ${access.path}`}`),
    element(
      'td',
      {},
      element(
        'a',
        { href: addressOf('messages', [chatId, messageId]), 'aria-label': `Why message ${messageId} was ${WORDS[verdict] ?? verdict}` },
        'Why',
      ),
    ),
  );
};

/** All that led to what became of a message. */
const showWhy = (root, place) => {
  const [chatId, messageId] = place.parts;
  place.setTitle(`Why: message ${messageId}`);
  const lines = element('ol', { class: 'why-lines', 'data-testid': 'why' });
  const panel = makePanel({
    content: lines,
    read: () => get(`/api/v1/inbox/${encodeURIComponent(chatId)}/${encodeURIComponent(messageId)}/why`),
    isEmpty: (found) => found.lines.length === 0,
    empty: 'Nothing is known of it.',
    show: (found) => lines.replaceChildren(...found.lines.map((line) => element('li', OWN_DIRECTION, line))),
  });
  root.append(element('p', {}, element('a', { href: addressOf('messages') }, '← All decisions'), ' · ', chatLink(chatId)), panel.element);
  void panel.load();
  return { update: () => void panel.load(), close: () => undefined };
};
