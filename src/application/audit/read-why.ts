import type { RunStep } from '../../domain/agent/run-step.ts';
import type { ApprovalId, StandingId } from '../../domain/approval/approval.ts';
import { STANDING } from '../../domain/approval/guarded-call.ts';
import type { Why, WhyPromise } from '../../domain/audit/why.ts';
import type { TurnId } from '../../domain/conversation/turn.ts';
import type { OutboxItem } from '../../domain/outbox/outbox.ts';
import type { AgentPromise } from '../../domain/promise/promise.ts';
import { present } from '../../domain/shared/present.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';

/** What is shown at most: a turn answers few messages, and makes few promises. */
const MAX_ASKED = 5;
const MAX_PROMISES = 10;
const MAX_RUNS = 3;

export type WhyStores = Pick<Stores, 'messages' | 'turns' | 'journal' | 'promises' | 'approvals' | 'ledger'>;

/** Finds how a message of Kept's own came about, in its own chat alone. */
export const readWhy = async (stores: WhyStores, reply: OutboxItem): Promise<Why> => {
  const { messages, turns, journal, ledger } = stores;
  const { chatId } = reply;
  const told = await toldPromise(stores, reply);
  const ids = reply.answers.length > 0 ? reply.answers : [told?.messageId ?? reply.replyTo].filter((id) => id !== undefined);
  const asked = (await Promise.all(ids.slice(0, MAX_ASKED).map((id) => messages.get(chatId, id)))).filter((record) => record !== undefined);
  const turnId = keyed(reply, 'turn') as TurnId | undefined;
  const turn = turnId === undefined ? undefined : await turns.get(turnId);
  const made = told || !turn ? [] : await madeFor(stores, reply);
  const cost = turn && (await ledger.ofTurn(turn.id));
  return {
    reply,
    asked,
    steps: turn ? ((await journal.ofTurn(turn.id))?.steps ?? []) : [],
    promises: await Promise.all((told ? [told] : made).map((promise) => whyPromise(stores, promise))),
    ...present({ turn, cost, tells: told ? (true as const) : undefined }),
  };
};

/** What was done for a promise, what it had to wait for, and what it cost. */
export const whyPromise = async (
  { journal, approvals, ledger }: Omit<WhyStores, 'messages' | 'turns'>,
  promise: AgentPromise,
): Promise<WhyPromise> => {
  const [runs, guards, cost] = await Promise.all([
    journal.ofPromise(promise.id, MAX_RUNS),
    approvals.ofPromise(promise.id),
    ledger.ofPromise(promise.id),
  ]);
  const steps = runs.flatMap((run) => run.steps);
  const standing = await Promise.all(standingIn(promise, steps).map((id) => approvals.getStanding(id)));
  return { promise, steps, approvals: guards, standing: standing.filter((given) => given !== undefined), cost };
};

const MAX_STANDING = 10;

/** The standing approvals that let its whole task, or calls of it, run. */
const standingIn = ({ metadata }: AgentPromise, steps: readonly RunStep[]): readonly StandingId[] => {
  const whole = metadata[STANDING];
  const ofCalls = steps.flatMap((step) => (step.kind === 'model' ? [] : (step.standingId ?? [])));
  return [...new Set([...(Number.isSafeInteger(whole) ? [whole as StandingId] : []), ...ofCalls])].slice(0, MAX_STANDING);
};

/** What stands behind the kind in the key of an outbox item: `turn:<id>`, `approval:<id>`. */
const keyed = ({ dedupeKey }: OutboxItem, kind: string): string | undefined => {
  const [first, id] = dedupeKey.split(':');
  return first === kind ? id : undefined;
};

/** The promise that it tells of; of a card, the one that waits for the approval. */
const toldPromise = async ({ promises, approvals }: WhyStores, reply: OutboxItem): Promise<AgentPromise | undefined> => {
  const card = Number(keyed(reply, 'approval') ?? Number.NaN);
  const id = reply.promiseId ?? (Number.isSafeInteger(card) ? (await approvals.get(card as ApprovalId))?.promiseId : undefined);
  const promise = id === undefined ? undefined : await promises.get(id);
  return promise?.chatId === reply.chatId ? promise : undefined;
};

const madeFor = async ({ promises }: WhyStores, { chatId, answers }: OutboxItem): Promise<readonly AgentPromise[]> => {
  const found = await Promise.all(
    answers.slice(0, MAX_ASKED).map((messageId) => promises.find({ chatId, messageId, limit: MAX_PROMISES })),
  );
  return found
    .flat()
    .sort((a, b) => a.id - b.id)
    .slice(0, MAX_PROMISES);
};
