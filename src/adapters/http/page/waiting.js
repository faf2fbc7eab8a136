import { onChange } from './live.js';
import { get, post } from './server.js';

/** As many as a page of the list has, and as many as are shown. */
const PAGE = 100;
const MOST = 2_000;
/** After the list has changed, a click may be meant for what stood there before. */
const SETTLED_MS = 600;
const DONE = { approve: 'Approved. It runs next.', deny: 'Denied. It does not run.' };

const said = document.getElementById('approval-said');
const listeners = new Set();
let waiting = [];
let isKnown = false;
let settledAt = 0;
let looks = 0;

const say = (words) => {
  said.textContent = words;
};

/** All that wait, the newest first: those that wait longest are on the last page. */
const readAll = async () => {
  const found = [];
  for (let behind = ''; found.length < MOST; ) {
    const { approvals, next } = await get(`/api/v1/approvals?status=asked&limit=${PAGE}${behind}`);
    found.push(...approvals);
    if (next === undefined) break;
    behind = `&cursor=${encodeURIComponent(next)}`;
  }
  return found;
};

const load = async () => {
  looks += 1;
  const look = looks;
  // A failed look is made good by the next one; the banner already tells of a lost connection.
  const found = await readAll().catch(() => undefined);
  // A later look knows better.
  if (!found || look !== looks) return;
  const before = new Set(waiting.map(({ id }) => id));
  // The oldest first: what comes later stands below, and moves nothing.
  waiting = found.toReversed();
  const fresh = waiting.filter(({ id }) => !before.has(id));
  if (isKnown && fresh.length === 0 && waiting.length === before.size) return;
  isKnown = true;
  settledAt = performance.now() + SETTLED_MS;
  if (fresh.length > 0) say(`${waiting.length} ${waiting.length === 1 ? 'call waits' : 'calls wait'} for your decision.`);
  for (const listener of listeners) listener(waiting);
};

/** What waits for a decision, in all chats: the page is the operator's, who may decide everywhere. */
export const approvals = {
  load: () => void load(),
  /** Whether it is known what waits; before that, the list is empty. */
  isKnown: () => isKnown,
  /** Calls `listener(approvals)` now, and when another list waits. Returns a function that ends it. */
  follow: (listener) => {
    listeners.add(listener);
    listener(waiting);
    return () => listeners.delete(listener);
  },
  /** Resolves to words for what came of it. Rejects with those for why nothing did. */
  decide: async (id, verdict) => {
    if (performance.now() < settledAt) throw new Error('The list has just changed. Look again, then decide.');
    await post(`/api/approvals/${id}/${verdict}`);
    say(`Approval ${id}: ${DONE[verdict]}`);
    void load();
    return DONE[verdict];
  },
};

onChange(({ topics }) => topics.has('approvals') && void load());
