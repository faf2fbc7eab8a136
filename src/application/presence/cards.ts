import type { Approval, ApprovalId } from '../../domain/approval/approval.ts';
import { cardContext } from '../../domain/approval/card-context.ts';
import { type CardStep, cardStep } from '../../domain/approval/card-step.ts';
import { cardKey, cardText, toldText } from '../../domain/approval/card-text.ts';
import type { ChatId } from '../../domain/chat/ids.ts';
import type { OutboxDraft } from '../../domain/outbox/outbox.ts';
import { present } from '../../domain/shared/present.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { ChatGateway } from '../../ports/chat-gateway.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { reasonOf } from '../../ports/port-error.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Stores, UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { makeBackoffs } from '../loops/backoff.ts';
import { makeLoop } from '../loops/loop.ts';
import { gatewayFor } from '../outbox/gateway-for.ts';
import type { SendLimiter } from '../outbox/send-limiter.ts';
import { editMessage } from './edit-message.ts';

export interface Cards {
  start(): void;
  /** Resolves when the edits under way have ended. None begins after this call. */
  stop(): Promise<void>;
}

const PAGE = 50;
/** So many cards are brought up to date side by side. */
const MAX_AT_ONCE = 8;
/** Changes bring at most one look in that time: cards change seldom. */
const INTERVAL_MS = 200;

/**
 * Brings cards up to date with what became of their approvals. What a card shows is stored when it shows it: after a
 * process that died in between, it is edited again. No card says more than what is stored of its approval.
 */
export const makeCards = (deps: {
  readonly stores: Pick<Stores, 'cards' | 'outbox'>;
  readonly unitOfWork: UnitOfWork;
  readonly gateways: readonly ChatGateway[];
  readonly limiter: SendLimiter;
  readonly policy: AccessPolicy;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly events: Events;
}): Cards => {
  const { gateways, limiter, clock, events } = deps;
  const { cards, outbox } = deps.stores;
  const underWay = new Map<ApprovalId, Promise<void>>();
  const backoffs = makeBackoffs<ApprovalId>(clock);

  const poll = async (): Promise<number | undefined> => {
    const wakeAt: number[] = [];
    for (let after = 0; underWay.size < MAX_AT_ONCE; ) {
      const behind = await cards.behind(after, PAGE);
      for (const approval of behind) {
        after = approval.id;
        if (underWay.size >= MAX_AT_ONCE) break;
        if (underWay.has(approval.id)) continue;
        const until = backoffs.until(approval.id) ?? (await begin(approval));
        if (until !== undefined) wakeAt.push(until);
      }
      if (behind.length < PAGE) break;
    }
    return wakeAt.length > 0 ? Math.min(...wakeAt) : undefined;
  };

  /** Resolves to when it may begin, in ms since 1970; to undefined where it has, or where a change will tell. */
  const begin = async (approval: Approval): Promise<number | undefined> => {
    const card = await outbox.named(cardKey(approval.id));
    const { chatId } = approval.call;
    const gateway = gatewayFor(gateways, chatId);
    const step = cardStep(approval, card, gateway?.edit !== undefined);
    // Where this process has no such gateway, it shows nobody anything.
    if (step.type === 'wait' || !gateway) return undefined;
    const until = step.type === 'edit' ? await limiter.tryAcquire(gateway, 'approvals', chatId) : undefined;
    if (until === undefined) underWay.set(approval.id, bringUpToDate(approval, chatId, gateway, step));
    return until;
  };

  const show = makeShow(deps);

  /** Does not reject. */
  const bringUpToDate = async (approval: Approval, chatId: ChatId, gateway: ChatGateway, step: CardStep): Promise<void> => {
    const { id, call, promiseId, status } = approval;
    const about = { approvalId: id, chatId, promiseId, tool: call.tool, status };
    try {
      const how = await show(approval, chatId, gateway, step);
      backoffs.succeeded(id);
      events.emit({ type: 'card-updated', ...about, how });
    } catch (error) {
      const failures = backoffs.failed(id);
      const isLimited = await limiter.recordRateLimit(gateway, 'approvals', chatId, error).catch(() => false);
      if (!isLimited) events.emit({ type: 'card-not-updated', ...about, failures, reason: reasonOf(error), error });
    } finally {
      underWay.delete(id);
      loop.wake();
    }
  };

  const loop = makeLoop({ name: 'cards', clock, changes: deps.changes, events, poll, intervalMs: INTERVAL_MS });
  return {
    start: loop.start,
    async stop() {
      await loop.stop();
      await Promise.all(underWay.values());
    },
  };
};

/** Takes one step, and stores what the chat is shown since. Rejects as gateway and storage do. */
const makeShow =
  ({
    stores: { cards },
    unitOfWork,
    policy,
    clock,
    randomness,
  }: {
    readonly stores: Pick<Stores, 'cards'>;
    readonly unitOfWork: UnitOfWork;
    readonly policy: AccessPolicy;
    readonly clock: Clock;
    readonly randomness: Randomness;
  }) =>
  async (approval: Approval, chatId: ChatId, gateway: ChatGateway, step: CardStep): Promise<'edited' | 'told' | 'left'> => {
    const { id, status } = approval;
    const context = cardContext(policy, approval);
    const isEdited = step.type === 'edit' && (await editMessage(gateway, clock, chatId, step.messageId, cardText(approval, context)));
    if (isEdited || step.type === 'leave') {
      await cards.markShown(id, status);
      return isEdited ? 'edited' : 'left';
    }
    const isTold = step.type === 'tell';
    const draft: OutboxDraft = {
      chatId,
      text: toldText(approval, context, isTold && step.isElsewhere),
      answers: [],
      dedupeKey: `${cardKey(id)}:${status}`,
      deliveryKey: randomness.id(),
      createdAt: clock.now(),
      ...present({ replyTo: isTold ? step.replyTo : undefined }),
    };
    await unitOfWork.run(async (stores) => {
      await stores.outbox.add({ ...draft, chatId: await stores.chatMoves.home(chatId) });
      await stores.cards.markShown(id, status);
    });
    return 'told';
  };
