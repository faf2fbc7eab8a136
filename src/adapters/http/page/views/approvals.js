import { decisionButtons } from '../decision.js';
import { element, OWN_DIRECTION } from '../markdown.js';
import { makeKeyedList } from '../panel.js';
import { chatLink } from '../promise-card.js';
import { timeElement } from '../times.js';
import { approvals } from '../waiting.js';

/** As cards name them. */
const LABELS = { guest: 'a guest, a bot or forwarded words', web: 'a web page', notion: 'Notion', file: 'a file' };

/** The calls that wait for a decision, in all chats. */
export const view = {
  name: 'approvals',
  title: 'Waiting for your decision',
  topics: [],
  show: (root) => {
    const none = element('p', { class: 'none', 'data-testid': 'no-approvals' }, 'Nothing waits for your decision.');
    const cards = element('ol', { class: 'cards', id: 'approval-cards', 'aria-label': 'Calls that wait for a decision, oldest first' });
    root.append(element('section', { class: 'approvals', 'data-testid': 'approvals' }, none, cards));
    const showList = makeKeyedList(cards, { keyOf: ({ id }) => id, render: (approval) => renderApproval(approval, approvals.decide) });
    const end = approvals.follow((waiting) => {
      none.hidden = waiting.length > 0;
      showList(waiting);
    });
    return { close: end };
  },
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
