import { addressOf } from './address.js';
import { queryOf } from './filters.js';
import { element, OWN_DIRECTION, renderMarkdown } from './markdown.js';
import { makeMore } from './more.js';
import { makeKeyedList, makePanel } from './panel.js';
import { get } from './server.js';
import { timeElement } from './times.js';

const PAGE = 50;

/** A verdict, in words. */
const VERDICTS = {
  open: 'waits for its turn',
  answered: 'answered',
  failed: 'no answer could be given',
  ignored: 'not answered',
  remembered: 'remembered, not answered',
  denied: 'not let in',
};
const SENT = { pending: 'on its way', sent: 'delivered', failed: 'given up' };

/** The conversation of any chat, to read. Words go there through its gateway, and not from here. */
export const showReading = (root, chatId, place) => {
  place.setTitle(`Chat ${chatId}`);
  const log = element('ol', { class: 'log reading', 'aria-label': 'Messages, oldest first' });
  let entries = [];
  let earlier;
  const path = `/api/v1/chats/${encodeURIComponent(chatId)}/messages`;
  const read = (from = {}) => get(path + queryOf({ ...from, limit: PAGE }));
  const showAll = makeKeyedList(log, { keyOf, render: (entry) => renderEntry(chatId, entry) });
  const more = makeMore('Show earlier messages', async () => {
    try {
      const page = await read({ cursor: earlier });
      entries = merged(page.entries, entries);
      show(page.next);
    } catch (error) {
      more.textContent = `${error.message} Try again`;
    }
  });
  const show = (before) => {
    earlier = before;
    more.hidden = earlier === undefined;
    showAll(entries);
  };
  const panel = makePanel({
    content: element('div', {}, more, log),
    read,
    isEmpty: (page) => page.entries.length === 0,
    empty: 'Nothing was said in this chat that Kept knows of.',
    show: (page) => {
      const isFirst = entries.length === 0;
      entries = merged(entries, page.entries);
      show(isFirst ? page.next : earlier);
      if (isFirst) root.scrollTop = root.scrollHeight;
    },
  });
  root.append(
    element(
      'p',
      { class: 'intro' },
      ...['To read. ', element('a', { href: addressOf('promises', [], { chatId }) }, 'Its promises'), ' · '],
      element('a', { href: addressOf('people', [chatId]) }, 'who may do what here'),
    ),
    panel.element,
  );
  void panel.load();
  return { update: () => void panel.load(), close: () => undefined };
};

const keyOf = ({ from, id, messageId }) => (from === 'chat' ? `chat ${messageId}` : `agent ${id}`);

/** Both are in order; what stands in both counts as the later list has it. */
const merged = (before, after) => {
  const fresh = new Map(after.map((entry) => [keyOf(entry), entry]));
  const kept = before.filter((entry) => !fresh.has(keyOf(entry)));
  return [...kept, ...after].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
};

const renderEntry = (chatId, entry) => {
  const { from, at, messageId, sender, text, verdict, status, promiseId, errorMessage, deletedAt } = entry;
  const isOurs = from === 'agent';
  const who = isOurs ? 'Kept' : (sender?.displayName ?? (sender?.username ? `@${sender.username}` : sender?.id));
  const fate = isOurs ? SENT[status] : VERDICTS[verdict];
  const why =
    messageId === undefined ? undefined : element('a', { href: addressOf('messages', [chatId, messageId]), 'data-testid': 'why' }, 'why');
  return element(
    'li',
    { class: `message ${isOurs ? 'agent' : 'operator'}`, 'data-testid': isOurs ? 'reply' : 'message', 'data-message-id': messageId },
    element(
      'div',
      { class: 'bubble' },
      element('p', { ...OWN_DIRECTION, class: 'sender' }, who ?? ''),
      deletedAt ? element('p', { class: 'notes' }, 'deleted from the chat') : renderMarkdown(text),
      errorMessage ? element('p', { ...OWN_DIRECTION, class: 'error' }, errorMessage) : undefined,
    ),
    element(
      'p',
      { class: 'at' },
      timeElement(at),
      ...[' · ', element('span', { 'data-testid': 'verdict' }, fate ?? '')],
      ...(promiseId === undefined
        ? []
        : [' · ', element('a', { href: addressOf('promises', [String(promiseId)]) }, `promise #${promiseId}`)]),
      ...(why ? [' · ', why] : []),
    ),
  );
};
