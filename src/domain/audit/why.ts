import { endInWords } from '../agent/call-end.ts';
import { NO_MODEL, type RunStep } from '../agent/run-step.ts';
import type { Approval, StandingApproval } from '../approval/approval.ts';
import { deciderName } from '../approval/transition.ts';
import { visible } from '../approval/visible.ts';
import type { UsageSum } from '../budget/ledger.ts';
import { inDollars } from '../budget/money.ts';
import { nativeId, type UserId } from '../chat/ids.ts';
import { OWN_ANSWERS, type Turn } from '../conversation/turn.ts';
import { commandOf } from '../message/command.ts';
import type { InboxMessage } from '../message/inbox-message.ts';
import type { OutboxItem } from '../outbox/outbox.ts';
import type { AgentPromise } from '../promise/promise.ts';
import { statusInWords } from '../promise/status-in-words.ts';
import { lineExcerpt } from '../shared/excerpt.ts';
import { plural } from '../shared/plural.ts';
import { clockTime } from '../shared/time.ts';
import { isUntrusted, labelsInWords } from '../trust/labels.ts';

/** A promise, and what was done for it. */
export interface WhyPromise {
  readonly promise: AgentPromise;
  readonly steps: readonly RunStep[];
  readonly approvals: readonly Approval[];
  /** The standing approvals by which calls of it ran, or the whole of it. */
  readonly standing: readonly StandingApproval[];
  readonly cost: UsageSum;
}

/** How a message of Kept's own came about. */
export interface Why {
  readonly reply: OutboxItem;
  /** The messages that it answers, or that asked for the promise that it tells of. */
  readonly asked: readonly InboxMessage[];
  readonly turn?: Turn;
  readonly steps: readonly RunStep[];
  /** What the answer itself cost. */
  readonly cost?: UsageSum;
  /** The promise that it tells of, or those that its turn has made. */
  readonly promises: readonly WhyPromise[];
  /** It tells what became of that promise, or of what the promise waits for. Absent: it has made them. */
  readonly tells?: true;
}

/** To whom it is told. */
export interface WhyReader {
  readonly timeZone: string;
  /** Whether they may see what things cost. */
  readonly seesCost: boolean;
  /** How people are named. Default: by their ids. */
  readonly nameOf?: (id: UserId) => string | undefined;
}

/** The chain that led to a message, a line each: message, decision, steps, approvals, cost, delivery. */
export const whyInWords = (why: Why, reader: WhyReader): readonly string[] => [
  ...chainInWords(why, reader),
  ...sourcesInWords(why.reply),
  deliveryInWords(why.reply, reader),
];

/** The same without the delivery, and without whose words led to it. */
export const chainInWords = (why: Why, reader: WhyReader): readonly string[] => {
  const { asked, turn, steps, promises } = why;
  return [
    ...(asked.length === 0 ? ['No message asked for it: Kept sends it by itself.'] : asked.map((record) => askedInWords(record, reader))),
    ...(turn ? turnInWords(turn, asked, steps) : []),
    ...promises.flatMap((each) => promiseInWords(each, why, reader)),
    ...(reader.seesCost ? costInWords(why) : []),
  ];
};

/** What people here did not write, and a model was shown on the way. */
const sourcesInWords = ({ provenance }: OutboxItem): readonly string[] => {
  const untrusted = provenance?.labels.filter(isUntrusted) ?? [];
  return untrusted.length === 0 ? [] : [`Led to by ${labelsInWords(untrusted)}, too, which people here did not write.`];
};

const askedInWords = ({ message, access, response }: InboxMessage, { timeZone }: WhyReader): string => {
  const { sender, messageId, sentAt } = message;
  const who = sender.kind === 'operator' ? 'the operator' : (sender.username && `@${sender.username}`) || sender.displayName || sender.id;
  const answered = response ? `, and answered by rule ${response.rule}` : '';
  return `Message ${nativeId(messageId)} of ${plain(who, 80)} (${timeIn(sentAt, timeZone)}) asked for it: let in by rule ${access.rule}${placeIn(access.path)}${answered}.`;
};

/** Words of others in one line: nothing in them is a link, a code, or unseen. */
const plain = (text: string, length: number): string => visible(lineExcerpt(text.replace(/[`*~|<>[\]\\]/g, ''), length)).replace(/\.$/, '');

/** What is no place in the configuration stands in brackets already. */
const placeIn = (path: string): string => (path.startsWith('(') ? ` ${path}` : ` (${path})`);

const turnInWords = (
  { agent, model, outcome, startedAt, endedAt, gate }: Turn,
  asked: readonly InboxMessage[],
  steps: readonly RunStep[],
): readonly string[] => {
  if (agent === OWN_ANSWERS) {
    const command = asked.map(({ message }) => commandOf(message.text)?.name).find((name) => name !== undefined);
    return [`${command === undefined ? 'A command' : `The command /${command}`} was answered, without a model.`];
  }
  const how = outcome === 'failed' ? 'could not answer' : outcome === 'stopped' ? 'was stopped' : 'answered';
  return [
    `Agent ${agent} ${how}${model === undefined ? '' : ` with model ${model}`}, in ${seconds(endedAt - startedAt)}.`,
    ...stepLines('Steps', steps),
    ...(gate ? [`What it claimed and had not ${gate.startsWith('deeds-') ? 'done' : 'promised'} was taken out, or asked for again.`] : []),
  ];
};

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

const timeIn = (at: number, timeZone: string): string => `${clockTime(at, timeZone)} ${timeZone}`;

const MAX_TOOLS = 12;

/** The tools by their names and outcomes alone: what they were given and gave is not for everybody. */
const stepLines = (title: string, steps: readonly RunStep[]): readonly string[] => {
  const tools = steps.flatMap((step) => {
    if (step.kind !== 'tool') return [];
    return [`${step.tool} (${endInWords(step)})`];
  });
  if (tools.length === 0) return [];
  const replies = steps.filter((step) => step.kind === 'model' && step.model !== NO_MODEL).length;
  const replied = replies === 0 ? '' : `; the model replied ${replies === 1 ? 'once' : `${replies} times`}`;
  const more = tools.length > MAX_TOOLS ? `, and ${tools.length - MAX_TOOLS} more` : '';
  return [`${title}: ${tools.slice(0, MAX_TOOLS).join(', ')}${more}${replied}.`];
};

const promiseInWords = ({ promise, steps, approvals, standing }: WhyPromise, { tells }: Why, reader: WhyReader): readonly string[] => {
  const { id, attempts, agent } = promise;
  const verb = tells ? 'It tells of' : 'It made';
  return [
    `${verb} promise #${id} for agent ${agent}: ${statusInWords(promise)}, ${plural(attempts, 'attempt')}.`,
    ...stepLines(`Steps of promise #${id}`, steps),
    ...approvals.map((approval) => approvalInWords(approval, reader)),
    ...standing.map((given) => standingInWords(given, reader)),
  ];
};

/** One approval: what for, and what became of it. */
export const approvalInWords = (approval: Approval, { timeZone, nameOf }: Omit<WhyReader, 'seesCost'>): string => {
  const { id, call, status, decidedAt, decidedBy, expiresAt, outcome } = approval;
  const by = decidedBy === undefined ? '' : ` by ${deciderName(decidedBy, nameOf)}`;
  const at = decidedAt === undefined ? '' : ` (${timeIn(decidedAt, timeZone)})`;
  const title = `Approval #${id} for ${call.tool}`;
  switch (status) {
    case 'asked':
      return `${title}: waits for a decision until ${timeIn(expiresAt, timeZone)}.`;
    case 'expired':
      return `${title}: expired, nobody decided.`;
    case 'denied':
      return `${title}: denied${by}${at}.`;
    case 'approved':
      return `${title}: approved${by}${at}; it has not ended yet.`;
    case 'done':
      return `${title}: approved${by}${at}, and done.`;
    case 'failed':
      if (approval.isUnknown) return `${title}: approved${by}${at}; whether it took effect is not known, and it may have happened.`;
      return `${title}: approved${by}${at}, but it failed${outcome === undefined ? '' : `: ${plain(outcome, 200)}`}.`;
  }
};

/** A standing approval by which calls ran: whose, of which tool, and from when until when. */
export const standingInWords = (standing: StandingApproval, { timeZone, nameOf }: Omit<WhyReader, 'seesCost'>): string => {
  const { id, tool, givenBy, givenAt, expiresAt } = standing;
  return `Allowed by standing approval #${id} of ${deciderName(givenBy, nameOf)} for ${tool}, from ${timeIn(givenAt, timeZone)} until ${timeIn(expiresAt, timeZone)}.`;
};

/** What the answer and its promises cost; where nothing is known of that, the tokens. Empty where nothing was used. */
export const costInWords = ({ cost, turn, promises }: Pick<Why, 'cost' | 'turn' | 'promises'>): readonly string[] => {
  const parts: readonly (readonly [string, UsageSum | undefined])[] = [
    ['the answer', cost],
    ...promises.map(({ promise, cost: spent }) => [`promise #${promise.id}`, spent] as const),
  ];
  const told = parts.flatMap(([what, sum]) => (sum && sum.calls > 0 ? amountInWords(what, sum) : []));
  if (told.length > 0) return [`Cost: ${told.join('; ')}.`];
  const tokens = turn && !cost?.calls ? tokensInWords(turn.usage) : '';
  return tokens === '' ? [] : [`Used: ${tokens}.`];
};

/** What was free, as a call that used nothing, is not told. */
const amountInWords = (what: string, sum: UsageSum): readonly string[] => {
  if (sum.cost > 0) return [`${inDollars(sum.cost)} for ${what}${sum.unpriced === 0 ? '' : ', beside calls without a known price'}`];
  const tokens = tokensInWords(sum);
  return tokens === '' ? [] : [`${tokens} for ${what}${sum.unpriced === 0 ? '' : ', without a known price'}`];
};

const tokensInWords = ({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }: Turn['usage']): string => {
  const input = inputTokens + cacheReadTokens + cacheWriteTokens;
  return input + outputTokens === 0 ? '' : `${input.toLocaleString('en-US')} tokens in, ${outputTokens.toLocaleString('en-US')} out`;
};

const deliveryInWords = (reply: OutboxItem, { timeZone }: WhyReader): string => {
  switch (reply.status) {
    case 'sent':
      return `Sent ${timeIn(reply.sentAt, timeZone)}${reply.attempts > 0 ? `, at attempt ${reply.attempts + 1}` : ''}.`;
    case 'failed':
      return `Given up ${timeIn(reply.failedAt, timeZone)}: ${plain(reply.lastError, 200)}.`;
    case 'pending':
      return 'Not sent yet.';
  }
};
