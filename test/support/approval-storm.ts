/** Long because what is tapped stands beside what must be true of it. */
import { strict as assert } from 'node:assert';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openSqliteEngine } from '../../src/adapters/sqlite/index.ts';
import { systemClock, systemRandomness } from '../../src/adapters/system/index.ts';
import { makeCallGuard } from '../../src/application/index.ts';
import { applyDecisions } from '../../src/application/turns/apply-decisions.ts';
import { cardKey } from '../../src/domain/approval/card-text.ts';
import { type Approval, type ApprovalId, type Decision, isSettled, makeTurnDraft, type UserId } from '../../src/domain/index.ts';
import type { Randomness } from '../../src/ports/index.ts';
import type { Message } from '../fakes/telegram/index.ts';
import { openCards, type WireTap } from './approval-cards.ts';
import { makeCrew } from './approval-crew.ts';
import { AGENT, actingTools, directoryOf, effectsIn, GROUPS, GUEST, isChanged, MEMBER, OWNER, ROBOT, STRANGER } from './approval-site.ts';
import type { Tap } from './approval-worker.ts';
import { until } from './chat-api.ts';

/** Taps on the card of an approval, and calls of the use case beside them. */
const TAPS = 25;
const CALLS = 4;
const IN_FLIGHT = 8;
const PATIENCE_MS = 60_000;
/** 20 messages a minute go to a group: the last edits may have to wait. */
const SETTLING_MS = 180_000;

/** What is to become of an approval, by what is tapped. */
type Fate = 'approved' | 'denied' | 'either' | 'nobody' | 'stale' | 'changed';
/** Why a tap must change nothing; `right`: it is by the owner, in time, and for what was asked. */
type Kind = 'right' | 'wrong person' | 'robot' | 'another chat' | 'another message' | 'forged' | 'stale' | 'changed';

interface Asked {
  readonly n: number;
  readonly approval: Approval;
  readonly fate: Fate;
}

interface Aim {
  readonly kind: Kind;
  readonly verdict: 'approve' | 'deny';
  readonly from: UserId;
}

/** The callback data of its buttons, and what is not. */
const dataOf = ({ id, token }: Pick<Approval, 'id' | 'token'>, verdict: Aim['verdict']): string =>
  `${verdict === 'approve' ? 'a' : 'd'}:${id}:${token}`;

/**
 * Approvals whose cards are tapped by everybody, in every wrong way, while the bot and the workers are killed; and what
 * must be true of them, and of each word of their cards.
 */
export const openApprovalStorm = async (options: { readonly taps: number; readonly kills: number; readonly randomness: Randomness }) => {
  const { taps, kills, randomness } = options;
  /** So many approvals are asked for at a time, one in a group; in two rounds at least, so that there are old cards. */
  const roundSize = Math.min(GROUPS.length, Math.ceil(taps / TAPS / 2));
  /** What each approval guards. */
  const guarded = new Map<ApprovalId, number>();
  const effects = (): ReadonlyMap<number, readonly { readonly at: number }[]> => Map.groupBy(effectsIn(file), ({ n }) => n);
  const cards = await openCards(randomness, {
    effectsOf: (id) => effects().get(guarded.get(id) ?? 0)?.length ?? 0,
    truthOf: async (id) => (await stores.approvals.get(id)) ?? assert.fail(`there is no #${id}`),
  });
  const file = join(cards.root, 'effects');
  await cards.ready();
  const engine = await openSqliteEngine({ path: cards.database });
  const { stores, unitOfWork } = engine.storage;
  const crew = makeCrew(3, [cards.database, file]);
  await crew.ready();
  const guard = makeCallGuard({ stores, clock: systemClock, redact: (text) => text });
  const tools = actingTools(file);
  const upTo = (most: number): number => Math.floor(randomness.fraction() * most);
  const oneOf = <T>(some: readonly T[]): T => some[upTo(some.length)] as T;
  const effectMs: number[] = [];
  const atOnceMs: number[] = [];
  const repeated = new Set<number>();
  /** What people were shown of a decision: by `n`. */
  const shown = new Map<number, string>();
  const faults: string[] = [];
  const kinds = new Map<Kind, number>();
  let [asks, sent, calls, lost, killed] = [0, 0, 0, 0, 0];

  /** As the turn does that answers a message. */
  const ask = async (): Promise<Asked> => {
    const n = ++asks;
    const group = n % roundSize;
    const chatId = GROUPS[group] ?? assert.fail();
    const fate: Fate = isChanged(group) ? 'changed' : oneOf(['approved', 'approved', 'either', 'either', 'denied', 'nobody', 'stale']);
    const draft = makeTurnDraft();
    const scope = { workspace: `W${group}`, directory: fate === 'changed' ? '/srv/before' : directoryOf(group) };
    const signal = new AbortController().signal;
    const context = { chatId, chatKind: 'group' as const, requestedBy: { id: MEMBER }, scope, signal, draft, agent: AGENT.name };
    await guard.promiseCall({ tool: oneOf(tools), input: { n }, context, verdict: { kind: 'ask', reason: 'It acts.' } });
    const decisions = draft.decisions.map(
      (decision): Decision =>
        decision.type === 'ask-approval' && fate === 'stale'
          ? { ...decision, approval: { ...decision.approval, expiresAt: Date.now() - 1 } }
          : decision,
    );
    const { id } = decisions.find((decision) => decision.type === 'ask-approval')?.approval ?? assert.fail('nothing was asked');
    guarded.set(id, n);
    await unitOfWork.run((unit) => applyDecisions(unit, decisions, { at: Date.now(), randomness: systemRandomness }));
    return { n, fate, approval: (await stores.approvals.get(id)) ?? assert.fail() };
  };

  const aimAt = ({ fate }: Asked, wrong: readonly Kind[]): Aim => {
    const isRight = fate !== 'nobody' && upTo(6) === 0;
    const kind = isRight ? (fate === 'stale' || fate === 'changed' ? fate : 'right') : oneOf(wrong);
    const either = oneOf(['approve', 'approve', 'deny'] as const);
    const verdict = !isRight || fate === 'either' ? either : fate === 'denied' ? 'deny' : 'approve';
    const from = kind === 'wrong person' ? oneOf([MEMBER, GUEST, STRANGER]) : kind === 'robot' ? ROBOT : OWNER;
    return { kind, verdict, from };
  };

  /** A call of the use case, as it is made by a process that has no card. */
  const callOf = ({ approval: { id, call, token } }: Asked, { kind, verdict, from }: Aim): Omit<Tap, 'n'> => {
    const chatId = kind === 'another chat' ? oneOf(GROUPS.filter((each) => each !== call.chatId)) : call.chatId;
    const given = kind === 'forged' ? oneOf(['', token.slice(1), `${token}x`]) : token;
    return { id, verdict, by: { kind: 'person', origin: { chatId, chatKind: 'group', senderId: from } }, options: { token: given } };
  };

  /** The last card of each group, from the round before. */
  const oldCards = new Map<string, Message>();

  /** A tap of a card, or of something else. Undefined where there is nothing of that kind to tap yet. */
  const tapOf = async (asked: Asked, others: readonly Asked[], { kind, verdict, from }: Aim): Promise<WireTap | undefined> => {
    const { approval } = asked;
    const { id, token, call } = approval;
    const message = await cards.cardOf(id);
    const data = dataOf(approval, verdict);
    const other = oneOf(others.filter((each) => each !== asked)).approval;
    switch (kind) {
      case 'robot':
        return { from, message, data, isForged: true };
      case 'another chat':
        return { from, message: await cards.cardOf(other.id), data };
      case 'another message': {
        const old = oldCards.get(call.chatId);
        const card = await stores.outbox.named(cardKey(id));
        // Which message the card became is what a tap is checked against: it must be recorded.
        return old && card?.status === 'sent' && card.sentMessageId !== undefined ? { from, message: old, data } : undefined;
      }
      case 'forged': {
        const letter = data.slice(0, 1);
        const forgeries = [
          dataOf({ id, token: token.slice(1) }, verdict),
          dataOf({ id, token: `${token}x` }, verdict),
          dataOf({ id, token: token.toLowerCase() === token ? token.toUpperCase() : token.toLowerCase() }, verdict),
          dataOf({ id, token: other.token }, verdict),
          dataOf(other, verdict),
          dataOf({ ...other, token }, verdict),
          `${letter}:0${id}:${token}`,
          `${letter}:${id}:`,
          `${letter}:${id}`,
          `${data}\n`,
          ` ${data}`,
          data.toUpperCase(),
          '',
          'x'.repeat(64),
          Buffer.from([0xff, 0xfe, 0x00]),
        ];
        return { from, message, data: oneOf(forgeries) };
      }
      default:
        return { from, message, data };
    }
  };

  const tapCard = async (asked: Asked, others: readonly Asked[], firstYes: Map<number, number>): Promise<void> => {
    const wrong = ['wrong person', 'robot', 'another chat', 'another message', 'forged'] as const;
    let aim = aimAt(asked, wrong);
    let tap = await tapOf(asked, others, aim);
    while (!tap) {
      aim = aimAt(asked, wrong);
      tap = await tapOf(asked, others, aim);
    }
    kinds.set(aim.kind, (kinds.get(aim.kind) ?? 0) + 1);
    // Tapped until it is answered: it may come twice.
    for (;;) {
      await cards.ready();
      const at = Date.now();
      sent++;
      const told = await cards.tap(tap);
      const isHeard = told !== 'lost' && !/^This takes a moment|^This did not work|^Too many taps/.test(told);
      const isTaken = isHeard && /^Approved\.|^Denied\./.test(told);
      if (aim.kind === 'right' && aim.verdict === 'approve' && (isTaken || !isHeard))
        firstYes.set(asked.n, Math.min(at, firstYes.get(asked.n) ?? at));
      if (isTaken) {
        const before = shown.get(asked.n) ?? told;
        if (before !== told) faults.push(`#${asked.approval.id}: ${told} is the answer to a tap, after ${before}`);
        shown.set(asked.n, told);
      }
      if (isTaken && aim.kind !== 'right') faults.push(`#${asked.approval.id}: ${told} is the answer to a tap by ${aim.kind}`);
      if (isHeard) return;
      lost++;
      repeated.add(asked.n);
    }
  };

  const callUseCase = async (asked: Asked, firstYes: Map<number, number>): Promise<void> => {
    const aim = aimAt(asked, ['wrong person', 'another chat', 'forged']);
    const call = callOf(asked, aim);
    for (;;) {
      const at = Date.now();
      const told = await crew.tap({ ...call, n: ++calls }, randomness);
      if (aim.kind === 'right' && aim.verdict === 'approve' && (told === 'lost' || told.code === undefined))
        firstYes.set(asked.n, Math.min(at, firstYes.get(asked.n) ?? at));
      if (told !== 'lost' && told.code === undefined && aim.kind !== 'right')
        faults.push(`#${asked.approval.id}: ${aim.verdict} was taken, though it was by ${aim.kind}`);
      if (told !== 'lost') return;
      repeated.add(asked.n);
      // Whoever died is heard of in a later turn of the event loop.
      await wait(5);
    }
  };

  /** Workers to be killed right behind an effect, before its result is stored. */
  let armed = 0;
  const behindEffects: Promise<void>[] = [];
  const watcher = watch(cards.root, (_, name) => {
    const last = name === 'effects' && armed > 0 ? effectsIn(file).at(-1) : undefined;
    if (!last) return;
    armed--;
    behindEffects.push(crew.kill(randomness, last.pid));
  });

  const strike = async (): Promise<void> => {
    killed++;
    if (killed % 2 === 1) await cards.kill();
    else if (killed % 4 === 0) armed++;
    else await crew.kill(randomness);
  };

  const round = async (): Promise<void> => {
    const asked: Asked[] = [];
    for (let i = 0; i < roundSize; i++) asked.push(await ask());
    const firstYes = new Map<number, number>();
    const work = asked.flatMap((each) => [
      ...Array.from({ length: TAPS }, () => () => tapCard(each, asked, firstYes)),
      ...Array.from({ length: CALLS }, () => () => callUseCase(each, firstYes)),
    ]);
    const places = work.map((act) => ({ act, at: randomness.fraction() }));
    const queue = places.toSorted((a, b) => a.at - b.at).map(({ act }) => act);
    const strikes = Math.round((kills * asks * TAPS) / Math.max(taps, asks * TAPS)) - killed;
    const left = queue.length;
    // Half of them while the cards are still on their way.
    const struckAt = Array.from({ length: Math.max(0, strikes) }, () => upTo(upTo(2) === 0 ? IN_FLIGHT : left));
    const struck: Promise<void>[] = [];
    const lane = async (): Promise<void> => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const place = left - queue.length - 1;
        for (const at of struckAt) if (at === place) struck.push(strike());
        await next();
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
    await Promise.all(struck);
    for (; armed > 0; armed--) await crew.kill(randomness);
    await Promise.all(behindEffects);
    for (const { approval } of asked) oldCards.set(approval.call.chatId, await cards.cardOf(approval.id));
    // What nobody was entitled to decide on still waits. To some of the rest the operator says no.
    for (const { fate, approval } of asked) {
      const now = await stores.approvals.get(approval.id);
      if (fate === 'nobody' && now?.status !== 'asked') faults.push(`#${approval.id} is ${now?.status}, and nobody decided`);
      if (now?.status === 'asked' && fate !== 'stale' && fate !== 'nobody')
        for (let told: unknown = 'lost'; told === 'lost'; await wait(1))
          told = await crew.tap({ n: ++calls, id: approval.id, verdict: 'deny', by: { kind: 'operator' } }, randomness);
    }
    const ids = asked.filter(({ fate }) => fate !== 'nobody').map(({ approval }) => approval.promiseId);
    await until('the promises to end', async () => (await stores.promises.getMany(ids)).every(isSettled), PATIENCE_MS);
    await check(asked, firstYes);
  };

  const check = async (asked: readonly Asked[], firstYes: ReadonlyMap<number, number>): Promise<void> => {
    const seen = effects();
    for (const { n, approval, fate } of asked) {
      const now = (await stores.approvals.get(approval.id)) ?? assert.fail();
      const promise = await stores.promises.get(approval.promiseId);
      const mine = seen.get(n) ?? [];
      const about = `#${approval.id} (${fate}) is ${now.status} with ${mine.length} effects`;
      if (mine.length > 1) faults.push(`${about}: twice`);
      if (mine.length > 0 && now.decidedBy !== OWNER) faults.push(`${about}: the owner did not decide`);
      if (mine.length > 0 && fate !== 'approved' && fate !== 'either') faults.push(`${about}: it was not to be run`);
      if (now.status === 'approved' || (now.status === 'asked') !== (fate === 'nobody')) faults.push(`${about}: it has not ended`);
      const isYes = shown.get(n)?.startsWith('Approved');
      if (isYes !== undefined && isYes !== ['done', 'failed'].includes(now.status)) faults.push(`${about}, after ${shown.get(n)}`);
      if (now.status === 'done' && mine.length !== 1) faults.push(`${about}: it says done`);
      const isUnknown = now.outcome?.includes('Whether it took effect is not known') ?? false;
      if (now.status === 'failed' && mine.length > 0 && !isUnknown) faults.push(`${about}: it says failed: ${now.outcome}`);
      if ((now.status === 'done') !== (promise?.status === 'completed')) faults.push(`${about}: its promise is ${promise?.status}`);
      const [yes, effect] = [firstYes.get(n), mine[0]];
      if (yes === undefined || !effect) continue;
      effectMs.push(effect.at - yes);
      if (!repeated.has(n)) atOnceMs.push(effect.at - yes);
    }
  };

  const settle = async (): Promise<void> => {
    cards.calm();
    const isSettled = async () => (await stores.cards.behind(0, 1)).length === 0 && (await stores.outbox.stats()).pending === 0;
    await until('each card to say what became of it', isSettled, SETTLING_MS);
    faults.push(...(await cards.faults([...guarded.keys()])));
  };

  const outcome = (): string => {
    const tally = (counts: ReadonlyMap<string, number>): string => [...counts].map(([kind, times]) => `${times} ${kind}`).join(', ');
    return [
      `${sent} taps of cards (${tally(kinds)}; ${lost} unheard and tapped again) and ${calls} calls of the use case`,
      `on ${asks} approvals, ${killed} kills, ${cards.kills()} of the bot: 0 wrong effects, 0 twice`,
      `cards said ${cards.claims()} times what is with their approval: 0 times wrongly; in the end each is right: ${tally(cards.standing())}`,
      `${effectMs.length} effects, tap to effect ${percentiles(effectMs)}`,
      `of ${atOnceMs.length} of them every tap was heard: ${percentiles(atOnceMs)}; tap to answer ${percentiles(cards.answerMs())}`,
    ].join('\n      ');
  };

  return {
    outlast: async (): Promise<string> => {
      while (asks * TAPS < taps) await round();
      await settle();
      assert.deepEqual(faults, []);
      return outcome();
    },
    close: async (): Promise<void> => {
      watcher.close();
      await crew.end();
      await engine.close();
      await cards.close();
    },
  };
};

const percentiles = (times: readonly number[]): string => {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms`;
};
