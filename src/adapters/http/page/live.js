import { connection } from './connection.js';
import { follow } from './server.js';

/** What changes on the server, by topic. */
const TOPICS = ['promises', 'approvals', 'schedules', 'alerts', 'health', 'chats', 'log'];

/** A change is told at most this often: whoever listens reads again what it shows. */
const PACE_MS = 1_000;
/** Where the server tells of no changes, everything may have changed this often. */
const LOOK_MS = 5_000;

const listeners = new Set();
const changed = new Set();
let isDue = false;

const tell = () => {
  isDue = false;
  // Nobody looks: told when somebody does.
  if (document.hidden || changed.size === 0) return;
  const event = { topics: new Set(changed) };
  changed.clear();
  for (const listener of listeners) listener(event);
};
const note = (topics) => {
  for (const topic of topics) changed.add(topic);
  if (isDue) return;
  isDue = true;
  setTimeout(tell, PACE_MS);
};
document.addEventListener('visibilitychange', () => note([]));

/** Calls `listener({ topics })`, a set of topics, when these may have changed. Returns a function that ends it. */
export const onChange = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Follows the server's stream of changes. A server without one is asked again and again. */
export const startLive = async ({ onOpened, onLost }) => {
  connection.expect('live');
  await follow('/api/v1/events', {
    lastEventId: () => undefined,
    // The server tells of each topic first: it may have changed while nobody was told.
    onOpen: () => {
      connection.opened('live');
      onOpened();
    },
    onLost: (error) => {
      connection.lost('live', error);
      onLost();
    },
    onEvent: (type, { topic }) => type === 'changed' && note([topic]),
  });
  connection.closed('live');
  setInterval(() => note(TOPICS), LOOK_MS);
};
