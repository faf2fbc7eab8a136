import type { ChatId } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import type { TelegramBase } from './client/settings.ts';
import { inMovedGroups } from './outbound/in-moved-groups.ts';
import { makeOutbound, type Outbound } from './outbound/outbound.ts';
import { makePosting } from './outbound/post.ts';
import { makeReadMarks, type ReadMarks } from './outbound/read-marks.ts';
import { makeTelegramSelfPing, type TelegramSelfPing } from './outbound/self-ping.ts';
import type { Receiving } from './receiving.ts';

/** Everything by which messages go out. */
export interface Sending {
  readonly outbound: Outbound;
  /** Absent for a bot: what it has read is shown to nobody. */
  readonly reads?: ReadMarks;
  /** Absent for a bot without an operator's chat. */
  readonly selfPing?: TelegramSelfPing;
}

export const makeSending = (
  { settings, timing, state, clock, randomness, notice }: TelegramBase,
  { call, peers, self, sent, moved, feed, handOver }: Receiving,
  { partIntervalMs, operatorChat }: { readonly partIntervalMs: number; readonly operatorChat?: ChatId },
): Sending => {
  const isPerson = settings.account.kind === 'user';
  const onUpdates = feed.push;
  const posting = makePosting({
    call,
    peers,
    self,
    sent,
    topOf: feed.topOf,
    onUpdates,
    clock,
    timeoutMs: timing.callTimeoutMs,
    notice,
  });
  const outbound = makeOutbound({ call, peers, sent, posting, onUpdates, clock, partIntervalMs, notice });
  const selfPing = makeTelegramSelfPing({
    ...present({ operatorChat: operatorChat && (() => moved.home(operatorChat)) }),
    call,
    peers,
    self,
    posting,
    state,
    randomness,
    notice,
    bring: handOver.bringOwn,
    onUpdates,
  });
  return {
    outbound: inMovedGroups(outbound, moved),
    ...(isPerson ? { reads: makeReadMarks({ call, peers, onUpdates, clock, notice }) } : {}),
    ...(isPerson || operatorChat !== undefined ? { selfPing } : {}),
  };
};
