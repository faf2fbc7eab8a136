import { timeElement } from './chat.js';
import { decisionButtons } from './decision.js';
import { element, OWN_DIRECTION } from './markdown.js';
import { chatLink } from './promises.js';
import { get, post } from './server.js';

const LIMIT = 100;
/** Looked for this long after what may have changed them, however often that is, and this often else. */
const SOON_MS = 500;
const LOOK_MS = 5_000;
/** After the list has changed, a click may be meant for what stood there before. */
const SETTLED_MS = 600;
const byId = (id) => document.getElementById(id);

/** As cards name them. */
const LABELS = { guest: 'a guest, a bot or forwarded words', web: 'a web page', notion: 'Notion', file: 'a file' };
const DONE = { approve: 'Approved. It runs next.', deny: 'Denied. It does not run.' };

/**
 * What waits for a decision, in all chats: the page is the operator's, who may decide everywhere. Calls `onOpen(ids)`
 * when that has changed.
 */
export const makeApprovals = (onOpen) => {
  const cards = new Map();
  let settledAt = 0;
  let soon;

  const load = async () => {
    clearTimeout(soon);
    soon = undefined;
    // A failed look is made good by the next one; the banner already tells of a lost connection.
    const found = await get(`/api/approvals?status=asked&limit=${LIMIT}`).catch(() => undefined);
    if (found) show(found.approvals.toReversed());
  };

  /** The oldest first: what comes later stands below, and moves nothing. */
  const show = (approvals) => {
    const open = new Set(approvals.map(({ id }) => id));
    const gone = [...cards.keys()].filter((id) => !open.has(id));
    const fresh = approvals.filter(({ id }) => !cards.has(id));
    if (gone.length > 0 || fresh.length > 0) settledAt = performance.now() + SETTLED_MS;
    for (const id of gone) {
      cards.get(id).remove();
      cards.delete(id);
    }
    for (const approval of fresh) {
      const card = renderApproval(approval, decide);
      cards.set(approval.id, card);
      byId('approval-cards').append(card);
    }
    byId('approvals').hidden = open.size === 0;
    byId('approval-count').textContent = open.size === 0 ? '' : String(open.size);
    byId('tab-approvals').hidden = open.size === 0;
    byId('tab-approvals').textContent = `${open.size} to approve`;
    if (fresh.length > 0) say(`${open.size} ${open.size === 1 ? 'call waits' : 'calls wait'} for your decision.`);
    if (gone.length > 0 || fresh.length > 0) onOpen(open);
  };

  /** Resolves to words for what came of it. Rejects with those for why nothing did. */
  const decide = async (id, verdict) => {
    if (performance.now() < settledAt) throw new Error('The list has just changed. Look again, then decide.');
    await post(`/api/approvals/${id}/${verdict}`);
    say(`Approval ${id}: ${DONE[verdict]}`);
    void load();
    return DONE[verdict];
  };

  const say = (words) => {
    byId('approval-said').textContent = words;
  };

  setInterval(() => document.hidden || void load(), LOOK_MS);
  return {
    decide,
    load: () => void load(),
    look: () => {
      soon ??= setTimeout(() => void load(), SOON_MS);
    },
  };
};

const renderApproval = (approval, decide) => {
  const { id, tool, chatId, askedAt, expiresAt, directory, agent, requestedBy, labels, reason } = approval;
  const fact = (name, ...value) => [element('dt', {}, name), element('dd', OWN_DIRECTION, ...value)];
  const sources = labels.flatMap((label) => LABELS[label] ?? (label.startsWith('mcp:') ? `the MCP server ${label.slice(4)}` : []));
  return element(
    'li',
    { class: 'card approval', 'data-testid': 'approval', 'data-approval-id': id },
    element(
      'p',
      { class: 'card-head' },
      ...[element('span', { class: 'number' }, `#${id}`), element('code', { class: 'tool' }, tool)],
      element('span', { class: 'type' }, 'asked ', timeElement(askedAt)),
    ),
    element(
      'pre',
      { class: 'call', tabindex: 0, role: 'region', 'aria-label': `Arguments of call ${id}`, 'data-testid': 'call' },
      approval.arguments,
    ),
    sources.length === 0
      ? undefined
      : element(
          'p',
          { class: 'warning', 'data-testid': 'warning' },
          `What led to this was read in: ${[...new Set(sources)].join(', ')}. Read it twice.`,
        ),
    element(
      'dl',
      { class: 'facts' },
      ...fact('Asked by', requestedBy.username ? `@${requestedBy.username} (${requestedBy.id})` : requestedBy.id),
      ...fact('Chat', chatLink(chatId)),
      ...fact('Directory', directory),
      ...fact('Agent', agent),
      ...fact('Why', reason),
      ...fact('Until', timeElement(expiresAt)),
    ),
    decisionButtons(id, decide),
  );
};
