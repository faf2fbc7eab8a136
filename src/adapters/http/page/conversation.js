import { makeChat } from './chat.js';
import { connection } from './connection.js';
import { makeKeyedList } from './panel.js';
import { makePromises } from './promises.js';
import { renderSchedule } from './schedule-card.js';
import { follow, get } from './server.js';
import { approvals } from './waiting.js';

const byId = (id) => document.getElementById(id);

/** The conversation of a local chat, with its promises and schedules beside it. */
export const showConversation = (root, chat, place) => {
  place.setTitle(`Chat ${chat}`);
  root.classList.add('view-conversation');
  root.append(byId('conversation-template').content.cloneNode(true));
  const ended = new AbortController();
  const { signal } = ended;
  showTabs(root);
  const conversation = makeChat(chat, approvals.decide, signal);
  const promises = makePromises(chat);
  const schedules = makeSchedules(chat);
  const endApprovals = approvals.follow((waiting) => conversation.showOpen(new Set(waiting.map(({ id }) => id))));
  connection.expect('chat');
  void run({ chat, conversation, promises, schedules, signal });
  return {
    update: ({ topics }) => topics.has('schedules') && schedules.load(),
    close: () => {
      ended.abort();
      endApprovals();
      connection.closed('chat');
    },
  };
};

/** On a phone, the conversation or its promises. */
const showTabs = (root) => {
  const names = ['chat', 'promises'];
  const show = (tab) => {
    root.dataset.tab = tab;
    for (const name of names) byId(`tab-${name}`).setAttribute('aria-pressed', String(name === tab));
  };
  for (const name of names) byId(`tab-${name}`).addEventListener('click', () => show(name));
  show('chat');
};

/** History first, then the stream from where it ended: nothing falls between. */
const run = async ({ chat, conversation, promises, schedules, signal }) => {
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      await Promise.all([conversation.load(), promises.load()]);
      break;
    } catch (error) {
      if (signal.aborted) return;
      connection.lost('chat', error);
      await new Promise((resolve) => setTimeout(resolve, Math.min(10_000, 500 * 2 ** failures)));
    }
  }
  if (signal.aborted) return;
  await follow(`/api/chat/stream?chatId=${chat}`, {
    signal,
    lastEventId: conversation.lastSequence,
    onOpen: () => {
      connection.opened('chat');
      conversation.showDraft('');
      conversation.endOutage();
      // The stream doesn't tell what happened to promises while it was down.
      promises.load().catch((error) => signal.aborted || connection.lost('chat', error));
      schedules.load();
    },
    onLost: (error) => connection.lost('chat', error),
    onEvent: (type, data) => {
      if (signal.aborted) return;
      if (type === 'message') conversation.showMessage(data);
      else if (type === 'draft') conversation.showDraft(data.text);
      else if (type === 'promise') promises.show(data);
    },
  });
};

const makeSchedules = (chat) => {
  const [box, count] = [byId('schedules'), byId('schedule-count')];
  const showAll = makeKeyedList(byId('schedule-cards'), {
    keyOf: ({ id }) => id,
    render: (schedule) => renderSchedule(schedule, { onEnded: () => load(), everywhere: false }),
  });
  const load = async () => {
    // A failed look is made good by the next one; the banner already tells of a lost connection.
    const found = await get(`/api/schedules?limit=100&chatId=${chat}`).catch(() => undefined);
    if (!found) return;
    box.hidden = found.schedules.length === 0;
    count.textContent = String(found.schedules.length);
    showAll(found.schedules);
  };
  return { load: () => void load() };
};
