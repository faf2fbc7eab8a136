import { isLocalChat, type UserId } from '../chat/ids.ts';
import type { MessageButton, OutboxDraft } from '../outbox/outbox.ts';
import { beginningOf, lineExcerpt, wholeWordsOf } from '../shared/excerpt.ts';
import { present } from '../shared/present.ts';
import { clockTime } from '../shared/time.ts';
import { READ_TWICE } from '../trust/judge-trust.ts';
import { isUntrusted, labelInWords, sourceOf, type TrustLabel } from '../trust/labels.ts';
import type { Approval, ApprovalId } from './approval.ts';
import { spendingRun } from './guarded-call.ts';
import { deciderName } from './transition.ts';
import { visible, visibleJson } from './visible.ts';

/** What a card shows beside the approval itself. */
export interface CardContext {
  /** How people know that person: `@anna`, `Anna`; undefined where only the id is known. */
  readonly nameOf: (id: UserId) => string | undefined;
  /** Who may approve it where it is asked, by name. Empty: nobody but the operator. Absent: the card does not tell. */
  readonly approvers?: readonly string[];
  /** What the call may cost, where that is known: `at most $0.02`. */
  readonly price?: string;
}

/** A card stays one message of every platform: only one message can be edited, and has buttons. */
const MAX_CARD_LENGTH = 3_600;
const MAX_VALUE_LENGTH = 200;
/** Kept's own words of why it asks name each source. */
const MAX_WHY_LENGTH = 400;
const MAX_NAMED_APPROVERS = 5;

/** What is shown of an approval, and what was shown last. */
export const cardKey = (id: ApprovalId): string => `approval:${id}`;

/** The buttons of a card. What comes back is checked against the approval: anybody may have written it. */
export const cardButtons = ({ id, token }: Pick<Approval, 'id' | 'token'>): readonly MessageButton[] => [
  { label: 'Approve', data: `a:${id}:${token}` },
  { label: 'Deny', data: `d:${id}:${token}` },
];

/** What a tap says; undefined where no card has such a button. */
export const readButton = (
  data: string,
): { readonly verdict: 'approve' | 'deny'; readonly id: ApprovalId; readonly token: string } | undefined => {
  const [, verdict, id, token] = /^([ad]):([1-9]\d{0,14}):([\w-]{1,43})$/.exec(data) ?? [];
  if (id === undefined || token === undefined) return undefined;
  return { verdict: verdict === 'a' ? 'approve' : 'deny', id: Number(id) as ApprovalId, token };
};

/**
 * What tells of an approval in its chat, in the order in which it is sent: the arguments where they do not fit the
 * card, then the card. `newKey` gives each message its delivery key.
 */
export const cardFor = (approval: Approval, context: CardContext, newKey: () => string): readonly OutboxDraft[] => {
  const { id, call, messageId, askedAt } = approval;
  const about = { chatId: call.chatId, answers: [], createdAt: askedAt, ...present({ replyTo: messageId }) };
  const card: OutboxDraft = {
    ...about,
    text: cardText(approval, context),
    buttons: cardButtons(approval),
    dedupeKey: cardKey(id),
    deliveryKey: newKey(),
  };
  const { all, room } = argumentsOf(approval, context);
  if (all.length <= room) return [card];
  const text = `The arguments of approval #${id}, in full:\n\n${inFence(all)}`;
  return [{ ...about, text, dedupeKey: `${cardKey(id)}:arguments`, deliveryKey: newKey() }, card];
};

/** The card as it reads now: what is asked, or what became of it. */
export const cardText = (approval: Approval, context: CardContext): string => {
  const { all, room } = argumentsOf(approval, context);
  const shown = all.length <= room ? all : `${beginningOf(all, room)}\n… ${all.length - room} of ${all.length} characters more`;
  return written(approval, context, shown);
};

/** What tells of it where the card can't be changed: what became of which call; and where the card is. */
export const toldText = (approval: Approval, context: CardContext, isElsewhere = false): string => {
  const { id, call, outcome } = approval;
  const facts = [
    `Tool: ${value(call.tool, id)}`,
    `Arguments: ${value(JSON.stringify(call.input) ?? '', id)}`,
    ...(outcome ? [`${outcomeLabel(approval)}: ${value(outcome, id)}`] : []),
  ];
  const outdated = isElsewhere ? ' Its card in the former group is out of date.' : '';
  return `${statusLine(approval, context)}${outdated}\n\n${inFence(facts.join('\n'))}`;
};

const outcomeLabel = (approval: Approval): string =>
  approval.status === 'failed' ? (approval.isUnknown ? 'Not known' : 'Failed') : 'Outcome';

const argumentsOf = (approval: Approval, context: CardContext): { readonly all: string; readonly room: number } => ({
  all: visibleJson(approval.call.input),
  room: Math.max(0, MAX_CARD_LENGTH - written(approval, context, '').length),
});

const written = (approval: Approval, context: CardContext, shownArguments: string): string =>
  [statusLine(approval, context), inFence([...factLines(approval, context), 'Arguments:', shownArguments].join('\n')), ...footer(approval)]
    .filter(Boolean)
    .join('\n\n');

/** Nothing of what it holds can end it: a line of JSON begins with no backtick, and three in a row are escaped. */
const inFence = (text: string): string => `\`\`\`\n${text}\n\`\`\``;

/** One line of it, and where the whole of it stands if that is longer. */
const value = (text: string, id: ApprovalId, length = MAX_VALUE_LENGTH): string => {
  const all = lineExcerpt(text, Number.POSITIVE_INFINITY);
  if (all.length <= length) return visible(all);
  return `${visible(wholeWordsOf(all, length).trimEnd())}… (cut: kept approvals show ${id} has the whole)`;
};

const factLines = (approval: Approval, { nameOf, approvers, price }: CardContext): readonly string[] => {
  const { id, call, chatKind, agent, requestedBy, labels, reason, outcome, status } = approval;
  const { id: asker, username } = requestedBy;
  const name = username === undefined ? nameOf(asker) : `@${username}`;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Tool', call.tool],
    ['Agent', agent],
    ['Asked by', name === undefined ? asker : `${name} (${asker})`],
    ['Chat', `${call.chatId}, ${CHAT_KINDS[chatKind]}`],
    ['Directory', call.directory],
    ['Cost', price],
    // The warning below the card says it.
    ['Why', labelWarning(labels) === '' ? reason : reason.replace(READ_TWICE, '')],
    ['May approve', status === 'asked' && approvers ? whoMay(approvers) : undefined],
    [outcomeLabel(approval), outcome],
  ];
  return facts.flatMap(([label, text]) =>
    text === undefined || text === '' ? [] : [`${label}: ${value(text, id, label === 'Why' ? MAX_WHY_LENGTH : undefined)}`],
  );
};

const CHAT_KINDS = { direct: 'a direct chat', group: 'a group', channel: 'a channel' } as const;

const whoMay = (approvers: readonly string[]): string => {
  if (approvers.length === 0) return 'the operator alone, by the command line or the page: no owner is named here';
  const named = approvers.slice(0, MAX_NAMED_APPROVERS);
  const more = approvers.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}, and the operator`;
};

/** What became of it, in one line. */
export const statusLine = (approval: Approval, { nameOf }: Pick<CardContext, 'nameOf'>): string => {
  const { id, status, decidedBy } = approval;
  const by = decidedBy === undefined ? '' : ` by ${plain(deciderName(decidedBy, nameOf))}`;
  if (spendingRun(approval) !== undefined) return spendLine(approval, by);
  switch (status) {
    case 'asked':
      return `Approval #${id} is needed. Nothing of this has run.`;
    case 'approved':
      return `Approval #${id}: approved${by}. It runs next.`;
    case 'done':
      return `Approval #${id}: approved${by}, and done.`;
    case 'failed':
      return approval.isUnknown
        ? `Approval #${id}: approved${by}. Whether it took effect is not known: it may have happened, so look before you ask again.`
        : `Approval #${id}: approved${by}, but it failed.`;
    case 'denied':
      return decidedBy === undefined
        ? `Approval #${id}: ended without a decision. It did not run.`
        : `Approval #${id}: denied${by}. It did not run.`;
    case 'expired':
      return `Approval #${id}: expired. Nobody decided in time, and it did not run.`;
  }
};

/** Of more money for a promise: nothing runs by it, the promise goes on or ends. */
const spendLine = ({ id, status, promiseId, decidedBy }: Approval, by: string): string => {
  switch (status) {
    case 'asked':
      return `Approval #${id} is needed: promise #${promiseId} does not go on without more money.`;
    case 'approved':
      return `Approval #${id}: approved${by}. Promise #${promiseId} goes on.`;
    case 'done':
      return `Approval #${id}: approved${by}. Promise #${promiseId} went on with it.`;
    case 'failed':
      return `Approval #${id}: approved${by}, but promise #${promiseId} did not come to its end with it.`;
    case 'denied':
      return decidedBy === undefined
        ? `Approval #${id}: ended without a decision. Promise #${promiseId} may not cost more.`
        : `Approval #${id}: denied${by}. Promise #${promiseId} may not cost more.`;
    case 'expired':
      return `Approval #${id}: expired. Nobody decided in time, and promise #${promiseId} may not cost more.`;
  }
};

/** A name outside of the code block: nothing in it is read as formatting, or as another line. */
const plain = (name: string): string => lineExcerpt(name, 60).replace(/[^\p{L}\p{N}@:_ .'-]/gu, '');

const footer = (approval: Approval): readonly string[] => {
  const { id, status, expiresAt, labels, call, chatKind } = approval;
  const warning = labelWarning(labels);
  if (status !== 'asked') return [warning];
  // In a group, what neither replies to the agent nor mentions it is not answered.
  const how = chatKind === 'direct' ? 'Answer' : 'Reply to this message';
  const buttons = isLocalChat(call.chatId) ? '' : ', or tap a button';
  return [warning, `${how} with \`/approve ${id}\` or \`/deny ${id}\`${buttons}, until ${clockTime(expiresAt, 'UTC')} UTC.`];
};

/** What led to the call that nobody vouches for. */
const labelWarning = (labels: readonly TrustLabel[]): string => {
  const sources = labels
    .filter(isUntrusted)
    .map((label) => (sourceOf(label) === 'mcp' ? `the MCP server ${plain(label.slice(4))}` : labelInWords(label)));
  return sources.length === 0 ? '' : `⚠ What led to this was read in: ${[...new Set(sources)].join(', ')}. Read it twice.`;
};
