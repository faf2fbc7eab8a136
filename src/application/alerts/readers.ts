import type { AlertReading } from '../../domain/alert/evaluate.ts';
import { type AlertRuleId, type AlertSettings, GIVEN_UP_MS, MAX_UNDELIVERED, windowOf } from '../../domain/alert/rules.ts';
import { valueWords } from '../../domain/alert/words.ts';
import { inDollars } from '../../domain/budget/money.ts';
import {
  answersPeople,
  HEARTBEAT_MS,
  keepsPromises,
  type ListedProcess,
  listedAt,
  MAX_LISTED_PROCESSES,
  restartsSince,
  restartWords,
} from '../../domain/process/register.ts';
import { bytesWords } from '../../domain/shared/bytes.ts';
import { capitalised } from '../../domain/shared/capitalised.ts';
import { durationWords } from '../../domain/shared/duration.ts';
import { plural } from '../../domain/shared/plural.ts';
import { ownedBudgets } from '../budgets/owned-budgets.ts';
import { hasLiveLease, UNREGISTERED_WORKER } from '../health/live-lease.ts';
import { floodWaitIn } from '../outbox/flood-waits.ts';
import type { AlertMemory } from './memory.ts';
import type { AlertSources } from './sources.ts';

/** Reads what a rule measures, now. May reject with PortError: then nothing is known. */
export type AlertReader = (look: {
  readonly now: number;
  readonly settings: AlertSettings;
  /** What was remembered from look to look. */
  readonly memory: AlertMemory;
  readonly sources: AlertSources;
}) => Promise<readonly AlertReading[]>;

/** One failure alone is no rate. */
const LEAST_FAILURES = 2;
const MAX_BUDGETS = 500;
const MAX_NAMED = 5;
const NO_REGISTER = 'This bot is not in the register of processes: its signs of life are not stored.';
const NO_GATEWAY = 'No gateway to a platform is configured.';

const unknown = (found: string): readonly AlertReading[] => [{ found }];
/** There is nothing of that kind: alerts about one that was there are over. */
const nothing = (found: string): readonly AlertReading[] => [{ found, isIdle: true }];
/** To the second. */
const roundedWords = (ms: number): string => durationWords(Math.round(ms / 1_000) * 1_000);

/** How each rule reads. The compiler asks for each of them. */
export const ALERT_READERS: Readonly<Record<AlertRuleId, AlertReader>> = {
  'service.errors': async ({ now, settings, sources: { measured } }) => {
    if (!measured) return unknown('Nothing is measured here.');
    const windowMs = windowOf('service.errors', settings);
    const { runs, failedRuns } = await measured(now - windowMs, now);
    const found = `${failedRuns} of ${plural(runs, 'run')} of agents failed within ${durationWords(windowMs)}.`;
    if (runs === 0) {
      const before = await measured(now - 2 * windowMs, now - windowMs);
      return [{ found: `No agent ran within ${durationWords(windowMs)}.`, isIdle: before.runs === 0 }];
    }
    const value = failedRuns / runs;
    return failedRuns > 0 && failedRuns < LEAST_FAILURES && value > settings.threshold ? unknown(found) : [{ value, found }];
  },
  'service.response': async ({ now, settings, sources: { measured } }) => {
    if (!measured) return unknown('Nothing is measured here.');
    const windowMs = windowOf('service.response', settings);
    const { answers, answersMs } = await measured(now - windowMs, now);
    if (answers === 0) {
      const before = await measured(now - 2 * windowMs, now - windowMs);
      return [{ found: `Nobody was answered within ${durationWords(windowMs)}.`, isIdle: before.answers === 0 }];
    }
    const value = answersMs / answers / 1_000;
    const found = `${plural(answers, 'answer')} within ${durationWords(windowMs)} took ${valueWords('seconds', value)} on average.`;
    return [{ value, found }];
  },
  'service.availability': async ({ now, settings, memory }) => {
    const windowMs = windowOf('service.availability', settings);
    const value = memory.availability(windowMs, now);
    if (value === undefined) return unknown('It was not looked at for long enough.');
    return [{ value, found: `People could be answered ${valueWords('share', value)} of the time within ${durationWords(windowMs)}.` }];
  },
  'queue.oldest-due': async ({ now, sources: { storage } }) => {
    const dueAt = await storage.queue.nextDueAt();
    const waitedMs = dueAt === undefined ? 0 : Math.max(0, now - dueAt);
    const found = waitedMs === 0 ? 'No due promise waits.' : `The oldest due promise waits for ${roundedWords(waitedMs)}.`;
    return [{ value: waitedMs / 1_000, found }];
  },
  'queue.undelivered': async ({ now, settings, sources: { storage } }) => {
    const windowMs = windowOf('queue.undelivered', settings);
    const value = await storage.stores.promises.countUndelivered({
      storedBefore: now - windowMs,
      failedAfter: now - GIVEN_UP_MS,
      limit: MAX_UNDELIVERED,
    });
    if (value === 0) return [{ value, found: 'Every outcome has reached its chat.' }];
    const outcomes = value === MAX_UNDELIVERED ? `${MAX_UNDELIVERED} outcomes, or more,` : plural(value, 'outcome');
    return [
      { value, found: `${outcomes} of promises ${value === 1 ? 'has' : 'have'} not reached the chat within ${durationWords(windowMs)}.` },
    ];
  },
  'queue.webhooks': async ({ now, sources: { storage } }) => {
    const { isHeard, oldestSince } = await storage.stores.webhooks.stats();
    if (!isHeard) return [{ found: 'Nobody receives webhooks.', isIdle: true }];
    const waitedMs = oldestSince === undefined ? 0 : Math.max(0, now - oldestSince);
    const found = waitedMs === 0 ? 'No event waits.' : `The oldest event waits for ${roundedWords(waitedMs)}.`;
    return [{ value: waitedMs / 1_000, found }];
  },
  'queue.worker': async ({ now, sources }) => {
    const seen = await processesOf(sources, now);
    if (!seen) return unknown(NO_REGISTER);
    const alive = seen.filter((process) => keepsPromises(process) && process.vitality === 'alive');
    const value = alive.length;
    if (value === 0 && (await hasLiveLease(sources.storage.stores.promises, now)))
      return [{ value: 1, found: `${capitalised(UNREGISTERED_WORKER)}.` }];
    return [
      {
        value,
        found:
          value === 0
            ? 'No worker gives a sign of life, on any machine.'
            : `${plural(value, 'worker is', 'workers are')} alive: ${agesWords(alive, now)}.`,
      },
    ];
  },
  'process.lost': async ({ now, settings, sources }) => {
    const windowMs = windowOf('process.lost', settings);
    const seen = await processesOf(sources, now);
    if (!seen) return unknown(NO_REGISTER);
    return Array.from(
      Map.groupBy(seen, ({ host }) => host),
      ([host, there]) => {
        const lost = there.filter((process) => isLost(process, there, now, windowMs));
        const roles = lost.slice(0, MAX_NAMED).map(({ role, heartbeatAt }) => `a ${role} (${roundedWords(now - heartbeatAt)} ago)`);
        const more = lost.length > MAX_NAMED ? ` and ${lost.length - MAX_NAMED} more` : '';
        const alive = there.filter(({ vitality }) => vitality === 'alive');
        const ages = alive.length === 0 ? '' : `: ${agesWords(alive, now)}`;
        const found =
          lost.length === 0 ? `No process on ${host} is lost${ages}.` : `Without a stop, ${host} lost ${roles.join(', ')}${more}.`;
        return { subject: host, value: lost.length, found };
      },
    );
  },
  'process.restarts': async ({ now, settings, sources }) => {
    const windowMs = windowOf('process.restarts', settings);
    const seen = await processesOf(sources, now);
    if (!seen) return unknown(NO_REGISTER);
    const restarts = restartsSince(seen, now - windowMs);
    if (restarts.length === 0) return [{ value: 0, found: 'Every process goes on.' }];
    return restarts.map((each) => ({
      subject: `${each.role} on ${each.host}`,
      value: each.count,
      found: `${restartWords(each, windowMs)}.`,
    }));
  },
  'gateway.silent': async ({ now, memory, sources: { gateways } }) => {
    const there = await gateways();
    if (there.length === 0) return nothing(NO_GATEWAY);
    return there.map(({ gateway, status, message }) => {
      if (status === 'skipped') return { subject: gateway, found: message };
      const silentMs = memory.silentFor(gateway, now);
      const found = silentMs === 0 ? message : `For ${roundedWords(silentMs)}: ${message}.`;
      return { subject: gateway, value: silentMs / 1_000, found };
    });
  },
  'gateway.flood-wait': async ({ now, sources: { gateways, storage } }) => {
    const there = await gateways();
    if (there.length === 0) return nothing(NO_GATEWAY);
    return Promise.all(
      there.map(async ({ gateway }) => {
        const waitMs = await floodWaitIn(storage.state, gateway, now);
        const wait = durationWords(Math.ceil(waitMs / 1_000) * 1_000);
        const found = waitMs === 0 ? 'It asks for no pause.' : `It wants no message for another ${wait}.`;
        return { subject: gateway, value: waitMs / 1_000, found };
      }),
    );
  },
  'budget.used': async ({ now, sources: { policy, storage } }) => {
    const limits = ownedBudgets(policy)
      .flatMap((budget) => budget.limits(now))
      .slice(0, MAX_BUDGETS);
    if (limits.length === 0) return nothing('No budget is configured.');
    const uses = await storage.stores.ledger.uses(limits, now);
    return limits.flatMap((limit, at) => {
      const use = uses[at];
      if (!use || limit.amount <= 0) return [];
      const used = use.spent + use.reserved;
      const found = `${inDollars(use.spent)} of ${inDollars(limit.amount)} a ${limit.span} are spent, and ${inDollars(use.reserved)} reserved.`;
      return [{ subject: limit.path, value: used / limit.amount, found }];
    });
  },
  'storage.disk': async ({ sources: { disk } }) => {
    if (!disk) return nothing('The disk of the data is on another machine.');
    const { freeBytes, totalBytes } = await disk();
    if (totalBytes <= 0) return nothing('The file system does not say how large it is.');
    return [{ value: freeBytes / totalBytes, found: `${bytesWords(freeBytes)} of ${bytesWords(totalBytes)} are free.` }];
  },
  'storage.backup': async ({ now, sources: { newestBackup } }) => {
    const newest = await newestBackup?.();
    if (!newest) return nothing('There is no backup here.');
    const ageMs = Math.max(0, now - newest.at);
    const age = durationWords(ageMs);
    const found = newest.isFound ? `The newest backup was made ${age} ago.` : `No whole backup was made in the last ${age}.`;
    return [{ value: ageMs / 1_000, found }];
  },
};

/** Every process that is known. Undefined: not even the bot that asks is in the register, so that it tells nothing. */
const processesOf = async ({ storage }: AlertSources, now: number): Promise<readonly ListedProcess[] | undefined> => {
  const seen = listedAt(await storage.stores.processes.list({ limit: MAX_LISTED_PROCESSES }), now);
  return seen.some((process) => answersPeople(process) && process.vitality === 'alive') ? seen : undefined;
};

/** How far a look lags behind: a process that was killed counts as alive for a minute. */
const agesWords = (alive: readonly ListedProcess[], now: number): string => {
  const oldestMs = Math.max(0, ...alive.map(({ heartbeatAt }) => now - heartbeatAt));
  return alive.length === 1
    ? `the last sign of life is ${roundedWords(oldestMs)} old`
    : `the last signs of life are up to ${roundedWords(oldestMs)} old`;
};

/** It ended without a stop, and none of its role has begun on that machine since. */
const isLost = (process: ListedProcess, onMachine: readonly ListedProcess[], now: number, windowMs: number): boolean =>
  process.vitality === 'silent' &&
  Math.abs(now - process.heartbeatAt) <= windowMs &&
  !onMachine.some(
    ({ id, role, startedAt }) => id !== process.id && role === process.role && startedAt > process.heartbeatAt - HEARTBEAT_MS,
  );
