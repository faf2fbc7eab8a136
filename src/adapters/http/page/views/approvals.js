import { addressOf } from '../address.js';
import { decisionButtons } from '../decision.js';
import { element, OWN_DIRECTION } from '../markdown.js';
import { makeKeyedList, makePanel } from '../panel.js';
import { chatLink } from '../promise-card.js';
import { get } from '../server.js';
import { timeElement } from '../times.js';
import { approvals } from '../waiting.js';

/** As cards name them. */
const LABELS = { guest: 'a guest, a bot or forwarded words', web: 'a web page', notion: 'Notion', file: 'a file' };

const DECIDED = 'approved,denied,expired,done,failed';
const MOST_DECIDED = 20;

/** The calls that wait for a decision, in all chats, and what was decided lately; or one of them. */
export const view = {
  name: 'approvals',
  title: 'Approvals',
  topics: ['approvals'],
  show: (root, place) => (place.parts.length > 0 ? showOne(root, place) : showAll(root)),
};

const showOne = (root, place) => {
  const [id] = place.parts;
  place.setTitle(`Approval ${id}`);
  const cards = element('ol', { class: 'cards' });
  const showList = makeKeyedList(cards, { keyOf: (approval) => approval.id, render: renderEither });
  const panel = makePanel({
    content: cards,
    read: () => get(`/api/v1/approvals/${encodeURIComponent(id)}`),
    isEmpty: () => false,
    show: (approval) => showList([approval]),
  });
  root.append(element('p', {}, element('a', { href: addressOf('approvals') }, '← All approvals')), panel.element);
  void panel.load();
  return { update: () => void panel.load(), close: () => undefined };
};

const renderEither = (approval) =>
  approval.status === 'asked' ? renderApproval(approval, approvals.decide) : renderDecided(approval, true);

const showAll = (root) => {
  const decided = element('ol', { class: 'cards', 'aria-label': 'Decided lately, newest first' });
  const showDecided = makeKeyedList(decided, { keyOf: ({ id }) => id, render: (approval) => renderDecided(approval, false) });
  const lately = makePanel({
    content: decided,
    read: () => get(`/api/v1/approvals?status=${DECIDED}&limit=${MOST_DECIDED}`),
    isEmpty: (found) => found.approvals.length === 0,
    empty: 'Nothing was decided yet.',
    show: (found) => showDecided(found.approvals),
  });
  const end = showWaiting(root);
  root.append(
    element('section', { class: 'decided-lately', 'data-testid': 'decided-lately' }, element('h3', {}, 'Decided lately'), lately.element),
  );
  void lately.load();
  return { update: () => void lately.load(), close: end };
};

const showWaiting = (root) => {
  const none = element('p', { class: 'none', 'data-testid': 'no-approvals', role: 'status' });
  const cards = element('ol', { class: 'cards', id: 'approval-cards', 'aria-label': 'Calls that wait for a decision, oldest first' });
  root.append(
    element('section', { class: 'approvals', 'data-testid': 'approvals' }, element('h3', {}, 'Waiting for your decision'), none, cards),
  );
  const showList = makeKeyedList(cards, { keyOf: ({ id }) => id, render: (approval) => renderApproval(approval, approvals.decide) });
  return approvals.follow((waiting) => {
    none.hidden = waiting.length > 0;
    none.textContent = approvals.isKnown() ? 'Nothing waits for your decision.' : 'Loading…';
    showList(waiting);
  });
};

const ENDS = {
  approved: 'Approved, runs next',
  denied: 'Denied',
  expired: 'Expired',
  done: 'Approved and done',
  failed: 'Approved, but it failed',
};

const renderDecided = (approval, isOpen) => {
  const { id, status, tool, chatId, decidedBy, decidedAt, endedAt, askedAt, outcome, isUnknown } = approval;
  const exact = element(
    'details',
    {},
    element('summary', {}, 'The exact call'),
    element('pre', { class: 'call', tabindex: 0, role: 'region', 'aria-label': `Arguments of call ${id}` }, approval.arguments),
  );
  exact.open = isOpen;
  return element(
    'li',
    {
      class: `card state-${status === 'done' || status === 'approved' ? 'ok' : status === 'failed' ? 'fail' : 'skipped'}`,
      'data-testid': 'decided-approval',
      'data-approval-id': id,
    },
    element(
      'p',
      { class: 'card-head' },
      element('a', { class: 'number', href: addressOf('approvals', [id]) }, `#${id}`),
      element('span', { class: 'status' }, ENDS[status] ?? status),
      element('code', { class: 'tool' }, tool),
      element('span', { class: 'type' }, timeElement(endedAt ?? decidedAt ?? askedAt)),
    ),
    isUnknown ? element('p', { class: 'warning' }, 'Nobody can tell whether it took effect: look, before you ask again.') : undefined,
    outcome === undefined ? undefined : element('p', { ...OWN_DIRECTION, class: 'notes' }, outcome),
    element('p', { ...OWN_DIRECTION, class: 'notes' }, chatLink(chatId), decidedBy === undefined ? '' : `, decided by ${decidedBy}`),
    exact,
  );
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
      ...[element('a', { class: 'number', href: addressOf('approvals', [id]) }, `#${id}`), element('code', { class: 'tool' }, tool)],
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
