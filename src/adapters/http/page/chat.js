import { addressOf } from './address.js';
import { makeBreathe } from './breathe.js';
import { makeComposer } from './composer.js';
import { decisionButtons, makeDecisions } from './decision.js';
import { element, OWN_DIRECTION, renderMarkdown } from './markdown.js';
import { get } from './server.js';
import { timeElement } from './times.js';

const PAGE = 100;
/** After this long without an answer, dots would promise too much. */
const PATIENCE_MS = 10 * 60_000;

/** A message of more characters than this is laid out when it is near the part that is seen. */
const LONG = 10_000;

const byId = (id) => document.getElementById(id);
/**
 * The conversation and the field below it. `chat` is the local chat's id; `decide` decides on what a message asks; the
 * end of `signal` ends it.
 */
export const makeChat = (chat, decide, signal) => {
  const messages = new Map();
  const [log, scroll] = [byId('log'), byId('scroll')];
  let lastSequence = 0;
  const decisions = makeDecisions();

  const atEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  const toEnd = () => {
    scroll.scrollTop = scroll.scrollHeight;
    byId('newest').hidden = true;
  };
  /** Applies a change. A reader at the end stays at the end; a reader further up keeps the place. */
  const keepingPlace = (change) => {
    const stick = atEnd();
    change();
    if (stick) toEnd();
    else if (!atEnd()) byId('newest').hidden = false;
  };

  const find = (messageId) => messages.get(messageId)?.message;
  const goTo = (messageId) => {
    for (const found of scroll.querySelectorAll('.found')) found.classList.remove('found');
    const original = messages.get(messageId)?.element;
    original?.scrollIntoView({ block: 'center', behavior: 'smooth' });
    original?.classList.add('found');
  };

  /** Made piece by piece, so that a long history holds up nothing; `showAll` shows it at once. */
  const prepared = new Map();
  const prepare = async (batch) => {
    const told = new Map(batch.map((message) => [message.messageId, message]));
    const breathe = makeBreathe();
    for (const message of batch) {
      prepared.set(
        message.messageId,
        render(message, (id) => find(id) ?? told.get(id), goTo, decide),
      );
      await breathe();
    }
    return batch;
  };

  /**
   * Puts a message into its place, by its sequence. One that was sent just now has none yet: it stands last until the
   * stream brings it.
   */
  const add = (message) => {
    const known = messages.get(message.messageId);
    if (known?.message.sequence !== undefined || (known && message.sequence === undefined)) return;
    const made = known?.element ?? prepared.get(message.messageId) ?? render(message, find, goTo, decide);
    decisions.add(made);
    const later = [...messages.values()].filter((one) => one !== known && placeOf(one) > placeOf({ message }));
    const next = later.reduce((first, one) => (first && placeOf(first) <= placeOf(one) ? first : one), undefined);
    messages.set(message.messageId, { message, element: made });
    log.insertBefore(made, next?.element ?? null);
  };

  const firstPlace = () => Math.min(...[...messages.values()].map(placeOf));

  const growing = makePending({ messages: () => [...messages.values()].map(({ message }) => message), keepingPlace, signal });

  const showAll = (batch) => {
    for (const message of batch) {
      add(message);
      prepared.delete(message.messageId);
      lastSequence = Math.max(lastSequence, message.sequence);
      if (message.answers?.length) growing.clear();
    }
    byId('empty').hidden = messages.size > 0;
    byId('earlier').hidden = messages.size === 0 || firstPlace() === 1;
    growing.show();
  };

  byId('earlier').addEventListener('click', async ({ currentTarget: button }) => {
    const after = Math.max(0, firstPlace() - 1 - PAGE);
    button.disabled = true;
    try {
      const { messages: earlier } = await get(`/api/chat/messages?chatId=${chat}&after=${after}&limit=${PAGE}`);
      await prepare(earlier);
      const height = scroll.scrollHeight;
      showAll(earlier);
      scroll.scrollTop += scroll.scrollHeight - height;
      button.textContent = 'Show earlier messages';
    } catch (error) {
      button.textContent = `${error.message} Try again`;
    } finally {
      button.disabled = false;
    }
  });
  byId('newest').addEventListener('click', toEnd);
  scroll.addEventListener('scroll', () => {
    if (atEnd()) byId('newest').hidden = true;
  });

  const composer = makeComposer(chat, (sent) => {
    // Shown at once even where the stream is down; the stream will not show it twice, nor skip one before it.
    add(sent);
    byId('empty').hidden = true;
    growing.show();
    toEnd();
  });

  return {
    lastSequence: () => lastSequence,
    /** Shows the newest messages. */
    load: async () => {
      showAll(await prepare((await get(`/api/chat/messages?chatId=${chat}&limit=${PAGE}`)).messages));
      toEnd();
    },
    showMessage: (message) => keepingPlace(() => showAll([message])),
    showOpen: (ids) => keepingPlace(() => decisions.showOpen(ids)),
    showDraft: growing.showDraft,
    endOutage: composer.endOutage,
  };
};

/** Below the messages: the growing answer, else dots while an answer is due. */
const makePending = ({ messages, keepingPlace, signal }) => {
  const pending = byId('pending');
  let draft = '';
  let isPainting = false;

  const bubble = (testId, ...content) =>
    element('div', { class: 'message agent', 'data-testid': testId }, element('div', { class: 'bubble' }, ...content));
  const isDue = () => {
    const all = messages();
    const answered = new Set(all.flatMap(({ answers }) => answers ?? []));
    return all.some(
      ({ from, messageId, at }) => from === 'operator' && !answered.has(messageId) && Date.now() - new Date(at) < PATIENCE_MS,
    );
  };
  const show = () => {
    if (draft !== '')
      pending.replaceChildren(bubble('draft', renderMarkdown(draft), element('span', { class: 'caret', 'aria-hidden': 'true' })));
    else if (!isDue()) pending.replaceChildren();
    else if (!pending.querySelector('.dots'))
      pending.replaceChildren(
        bubble(
          'dots',
          element('span', { class: 'dots', role: 'img', 'aria-label': 'Kept is working on it' }, element('i'), element('i'), element('i')),
        ),
      );
  };
  const looks = setInterval(show, 30_000);
  signal.addEventListener('abort', () => clearInterval(looks));
  return {
    show,
    /** An answer has taken the draft's place. */
    clear: () => {
      draft = '';
    },
    showDraft: (text) => {
      draft = text;
      if (isPainting) return;
      isPainting = true;
      requestAnimationFrame(() => {
        isPainting = false;
        keepingPlace(show);
      });
    },
  };
};

const render = (message, find, goTo, decide) => {
  const { messageId, from, text, replyTo, at } = message;
  const bubble = element('div', { class: 'bubble' });
  const original = replyTo === undefined ? undefined : find(replyTo);
  if (original) {
    // A quote is one line of words: the marks of a block of code are none.
    const quoted = original.text.replace(/^`{3,}.*$\n?/gm, '');
    const quote = element(
      'button',
      {
        ...OWN_DIRECTION,
        type: 'button',
        class: 'reply-to',
        'data-testid': 'reply-to',
        'aria-label': `In reply to: ${quoted.slice(0, 100)}`,
      },
      quoted.slice(0, 200),
    );
    quote.addEventListener('click', () => goTo(replyTo));
    bubble.append(quote);
  }
  bubble.append(renderMarkdown(text));
  if (message.approvalId !== undefined) bubble.append(decisionButtons(message.approvalId, decide));
  const who = element('span', { class: 'unseen' }, from === 'operator' ? 'You, ' : 'Kept, ');
  return element(
    'li',
    { class: `message ${from}${text.length > LONG ? ' long' : ''}`, 'data-testid': `message-${from}`, 'data-message-id': messageId },
    ...[bubble, element('p', { class: 'at' }, who, timeElement(at), numberElement(message.chatId, messageId))],
  );
};

/** The place of a message in the chat; last while it is unknown. */
const placeOf = ({ message }) => message.sequence ?? Number.POSITIVE_INFINITY;

/** The number that `explain` takes: of `local:3`, 3; it leads to what `explain` tells. */
const numberElement = (chat, messageId) =>
  element(
    'span',
    { 'data-testid': 'message-number', title: `Message ${messageId}` },
    ' · ',
    element(
      'a',
      { href: addressOf('messages', [chat, messageId]), 'aria-label': `Why: message ${messageId}` },
      `#${messageId.split(':')[1]}`,
    ),
  );
