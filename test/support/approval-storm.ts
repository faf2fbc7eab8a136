/** Long because what is tapped stands beside what must be true of it. */
import { strict as assert } from 'node:assert';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openSqliteEngine } from '../../src/adapters/sqlite/index.ts';
import { systemClock, systemRandomness } from '../../src/adapters/system/index.ts';
import { makeCallGuard } from '../../src/application/index.ts';
import { applyDecisions } from '../../src/application/turns/apply-decisions.ts';
import { type Approval, approvalId, type Decision, isSettled, makeTurnDraft, type UserId } from '../../src/domain/index.ts';
import type { DecidedBy, DecideOptions, Randomness } from '../../src/ports/index.ts';
import { AGENT, actingTools, directoryOf, effectsIn, GROUPS, GUEST, MEMBER, OWNER, STRANGER } from './approval-site.ts';
import type { Tap, Tapped } from './approval-worker.ts';
import { until } from './chat-api.ts';
import { removeDirectory, takeDirectory } from './own-directory.ts';

const SCRIPT = fileURLToPath(new URL('./approval-worker.ts', import.meta.url));
/** So many approvals are asked for at a time. */
const ROUND = 40;
/** Taps on one approval. */
const TAPS = 25;
const IN_FLIGHT = 8;
const PATIENCE_MS = 60_000;

/** What is to become of an approval, by what is tapped. */
type Fate = 'approved' | 'denied' | 'nobody' | 'stale' | 'changed';
/** Why a tap must change nothing; `right`: it is by the owner, in time, and for what was asked. */
type Kind = 'right' | 'wrong person' | 'another chat' | 'forged' | 'stale' | 'changed';

interface Asked {
  readonly n: number;
  readonly approval: Approval;
  readonly fate: Fate;
}

/** Processes that decide and work, and are started again when they are killed. */
const makeCrew = (size: number, args: readonly string[]) => {
  interface Member {
    child: ChildProcess;
    isReady: boolean;
    readonly waiting: Map<number, (told: { readonly code?: string } | 'lost') => void>;
  }
  const members: Member[] = [];
  let isEnding = false;
  const start = (slot: number): void => {
    const child = fork(SCRIPT, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const member: Member = { child, isReady: false, waiting: new Map() };
    members[slot] = member;
    child.on('message', (told: Tapped) => {
      if (told === 'ready') member.isReady = true;
      else member.waiting.get(told.n)?.(told);
    });
    child.once('exit', () => {
      for (const lost of member.waiting.values()) lost('lost');
      if (!isEnding) start(slot);
    });
  };
  for (let slot = 0; slot < size; slot++) start(slot);
  const ready = (): readonly Member[] => members.filter(({ child, isReady }) => isReady && child.connected);
  const oneReady = async (randomness: Randomness): Promise<Member> => {
    await until('a process to be ready', async () => ready().length > 0, PATIENCE_MS);
    return ready()[Math.floor(randomness.fraction() * ready().length)] ?? oneReady(randomness);
  };
  return {
    /** `lost`: the process died before it had answered. */
    tap: async (tap: Tap, randomness: Randomness): Promise<{ readonly code?: string } | 'lost'> => {
      const member = await oneReady(randomness);
      const { promise, resolve } = Promise.withResolvers<{ readonly code?: string } | 'lost'>();
      member.waiting.set(tap.n, resolve);
      member.child.send(tap, (error) => error && resolve('lost'));
      const told = await promise;
      member.waiting.delete(tap.n);
      return told;
    },
    kill: async (randomness: Randomness): Promise<void> => {
      const member = await oneReady(randomness);
      member.isReady = false;
      const { child } = member;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
    end: async (): Promise<void> => {
      isEnding = true;
      await Promise.all(
        members.map(async ({ child }) => {
          if (child.exitCode !== null || child.signalCode !== null) return;
          const exited = once(child, 'exit');
          child.kill('SIGKILL');
          await exited;
        }),
      );
    },
  };
};

/**
 * Approvals that are tapped by everybody, in every wrong way, by processes that are killed meanwhile; and what must be
 * true of them at the end.
 */
export const openApprovalStorm = async (options: { readonly taps: number; readonly kills: number; readonly randomness: Randomness }) => {
  const { taps, kills, randomness } = options;
  const directory = takeDirectory('approvals');
  const [path, file] = [join(directory, 'system.db'), join(directory, 'effects')];
  const engine = await openSqliteEngine({ path });
  const { stores, unitOfWork } = engine.storage;
  const crew = makeCrew(3, [path, file]);
  const guard = makeCallGuard({ stores, clock: systemClock, redact: (text) => text });
  const tools = actingTools(file);
  const upTo = (most: number): number => Math.floor(randomness.fraction() * most);
  const oneOf = <T>(some: readonly T[]): T => some[upTo(some.length)] as T;
  const latencies: number[] = [];
  const faults: string[] = [];
  let [asks, sent, lost, killed] = [0, 0, 0, 0];

  /** As the turn does that answers a message. */
  const ask = async (): Promise<Asked> => {
    const n = ++asks;
    const group = n % GROUPS.length;
    const chatId = GROUPS[group] ?? assert.fail();
    const fate: Fate = group === GROUPS.length - 1 ? 'changed' : oneOf(['approved', 'approved', 'approved', 'denied', 'nobody', 'stale']);
    const draft = makeTurnDraft();
    const scope = { workspace: `W${group}`, directory: fate === 'changed' ? '/srv/before' : directoryOf(group) };
    const signal = new AbortController().signal;
    const context = { chatId, chatKind: 'group' as const, requestedBy: { id: MEMBER }, scope, signal, draft, agent: AGENT.name };
    await guard.promise({ tool: oneOf(tools), input: { n }, context, verdict: { kind: 'ask', reason: 'It acts.' } });
    const decisions = draft.decisions.map(
      (decision): Decision =>
        decision.type === 'ask-approval' && fate === 'stale'
          ? { ...decision, approval: { ...decision.approval, expiresAt: Date.now() - 1 } }
          : decision,
    );
    await unitOfWork.run((unit) => applyDecisions(unit, decisions, { at: Date.now(), randomness: systemRandomness }));
    const asked = decisions.find((decision) => decision.type === 'ask-approval') ?? assert.fail('nothing was asked');
    return { n, fate, approval: (await stores.approvals.get(asked.approval.id)) ?? assert.fail() };
  };

  const by = (senderId: UserId, chatId = GROUPS[0]): DecidedBy => ({
    kind: 'person',
    origin: { chatId: chatId ?? assert.fail(), chatKind: 'group', senderId },
  });

  const tapOn = ({ approval, fate }: Asked, others: readonly Asked[]): Omit<Tap, 'n'> & { readonly kind: Kind } => {
    const { id, call, token } = approval;
    const verdict = oneOf(['approve', 'approve', 'deny'] as const);
    const wrong: Kind = oneOf(['wrong person', 'another chat', 'forged']);
    const isRight = fate !== 'nobody' && upTo(4) === 0;
    if (isRight) {
      const kind = fate === 'stale' || fate === 'changed' ? fate : 'right';
      const given = kind === 'right' ? (fate === 'denied' ? 'deny' : 'approve') : 'approve';
      return { id, verdict: given, by: by(OWNER, call.chatId), options: { token }, kind };
    }
    if (wrong === 'wrong person')
      return {
        id,
        verdict,
        by: by(oneOf([MEMBER, GUEST, STRANGER]), call.chatId),
        options: oneOf<DecideOptions>([{ token }, {}]),
        kind: wrong,
      };
    const elsewhere = oneOf(GROUPS.filter((chatId) => chatId !== call.chatId));
    if (wrong === 'another chat') return { id, verdict, by: by(OWNER, elsewhere), options: { token }, kind: wrong };
    const other = others.find((each) => each.approval.id !== id)?.approval.token ?? '';
    return { id, verdict, by: by(OWNER, call.chatId), options: { token: oneOf(['', token.slice(1), `${token}x`, other]) }, kind: wrong };
  };

  /** Tapped until it is answered: a tap may come twice. */
  const tap = async (asked: Asked, others: readonly Asked[], firstYes: Map<number, number>): Promise<void> => {
    const { kind, ...what } = tapOn(asked, others);
    for (;;) {
      const at = Date.now();
      const told = await crew.tap({ ...what, n: ++sent }, randomness);
      if (told === 'lost') {
        lost++;
        // Whoever died is heard of in a later turn of the event loop.
        await wait(5);
        if (kind === 'right') firstYes.set(asked.n, Math.min(at, firstYes.get(asked.n) ?? at));
        continue;
      }
      if (told.code === undefined && kind !== 'right') faults.push(`#${what.id}: ${what.verdict} was taken, though it was by ${kind}`);
      if (told.code === undefined && what.verdict === 'approve') firstYes.set(asked.n, Math.min(at, firstYes.get(asked.n) ?? at));
      return;
    }
  };

  const round = async (): Promise<void> => {
    const asked: Asked[] = [];
    for (let i = 0; i < ROUND; i++) asked.push(await ask());
    const work = asked.flatMap((each) => Array.from({ length: TAPS }, () => each)).map((each) => ({ each, at: randomness.fraction() }));
    const queue = work.toSorted((a, b) => a.at - b.at).map(({ each }) => each);
    const firstYes = new Map<number, number>();
    const strikes = Math.round((kills * (asks / ROUND)) / Math.ceil(taps / (ROUND * TAPS))) - killed;
    const left = queue.length;
    const struckAt = Array.from({ length: Math.max(0, strikes) }, () => upTo(left));
    const lane = async (): Promise<void> => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const place = struckAt.indexOf(left - queue.length - 1);
        if (place >= 0) {
          killed++;
          void crew.kill(randomness);
        }
        await tap(next, asked, firstYes);
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
    // What nobody was entitled to decide on still waits, and has no effect; then the operator says no.
    for (const each of asked) {
      const now = await stores.approvals.get(each.approval.id);
      if (each.fate === 'nobody' && now?.status !== 'asked') faults.push(`#${each.approval.id} is ${now?.status}, and nobody decided`);
      if (now?.status === 'asked' && each.fate !== 'stale')
        for (let told: unknown = 'lost'; told === 'lost'; await wait(1))
          told = await crew.tap({ n: ++sent, id: each.approval.id, verdict: 'deny', by: { kind: 'operator' } }, randomness);
    }
    const ids = asked.map(({ approval }) => approval.promiseId);
    await until('the promises to end', async () => (await stores.promises.getMany(ids)).every(isSettled), PATIENCE_MS);
    await check(asked, firstYes);
  };

  const check = async (asked: readonly Asked[], firstYes: ReadonlyMap<number, number>): Promise<void> => {
    const effects = Map.groupBy(effectsIn(file), ({ n }) => n);
    for (const { n, approval, fate } of asked) {
      const now = (await stores.approvals.get(approvalId(approval.id))) ?? assert.fail();
      const promise = await stores.promises.get(approval.promiseId);
      const mine = effects.get(n) ?? [];
      const about = `#${approval.id} (${fate}) is ${now.status} with ${mine.length} effects`;
      if (mine.length > 1) faults.push(`${about}: twice`);
      if (mine.length > 0 && now.decidedBy !== OWNER) faults.push(`${about}: the owner did not decide`);
      if (mine.length > 0 && fate !== 'approved') faults.push(`${about}: it was not to be run`);
      if (now.status === 'approved' || now.status === 'asked') faults.push(`${about}: it has not ended`);
      if (now.status === 'done' && mine.length !== 1) faults.push(`${about}: it says done`);
      const isUnknown = now.outcome?.includes('Whether it took effect is not known') ?? false;
      if (now.status === 'failed' && mine.length > 0 && !isUnknown) faults.push(`${about}: it says failed: ${now.outcome}`);
      if ((now.status === 'done') !== (promise?.status === 'completed')) faults.push(`${about}: its promise is ${promise?.status}`);
      const [yes, effect] = [firstYes.get(n), mine[0]];
      if (yes !== undefined && effect) latencies.push(effect.at - yes);
    }
  };

  return {
    outlast: async (): Promise<string> => {
      while (asks * TAPS < taps) await round();
      assert.deepEqual(faults, []);
      const sorted = latencies.toSorted((a, b) => a - b);
      const percentile = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
      return `${sent} taps (${lost} of them lost with their process) on ${asks} approvals, ${killed} kills: 0 wrong effects, 0 twice; ${sorted.length} effects, tap to effect p50 ${percentile(0.5)} ms, p95 ${percentile(0.95)} ms`;
    },
    close: async (): Promise<void> => {
      await crew.end();
      await engine.close();
      removeDirectory(directory);
    },
  };
};
