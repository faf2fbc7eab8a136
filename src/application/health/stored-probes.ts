import { type AlertRules, builtInAlertRules, isBadBy } from '../../domain/alert/rules.ts';
import { restartWords } from '../../domain/process/register.ts';
import { commandHint } from '../../domain/shared/command-form.ts';
import { durationWords } from '../../domain/shared/duration.ts';
import { type AccessPolicy, outdatedChats } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Finding, HealthProbe } from '../../ports/health-probe.ts';
import type { PortErrorCode } from '../../ports/port-error.ts';
import type { Storage } from '../../ports/storage/storage.ts';
import { outdatedWords } from '../chats/outdated-words.ts';
import { cooldownsIn } from '../models/cooldowns.ts';
import { modelsWithoutTools } from '../models/tool-losses.ts';
import { makeListProcesses } from './list-processes.ts';
import { hasLiveLease } from './live-lease.ts';
import { type StoreFault, storeFaultOf } from './store-fault.ts';
import { DATABASE_PROBE, STORE_LIMIT_MS, whereOpened } from './where-opened.ts';

/** A due promise or message that nobody takes for this long means that its process is not running, or stuck. */
const OVERDUE_MS = 60_000;
const MAX_NAMED = 3;

/** What is looked at of a storage. */
export type LookedAt = Pick<Storage, 'name' | 'stores' | 'queue' | 'state'>;

export interface StoredProbesDeps {
  /** Opens the storage, or gives the open one. Where it rejects, nothing stored can be looked at. */
  readonly storage: () => Promise<LookedAt>;
  readonly clock: Clock;
  /** What the configuration says: absent, its chats are not looked at. */
  readonly policy?: AccessPolicy | undefined;
  /** Names of the models that are asked; of others nothing is told. Absent: all are. */
  readonly models?: readonly string[] | undefined;
  /** Thresholds that are the same for alerts. Default: as they are built in. */
  readonly alertRules?: AlertRules | undefined;
  /**
   * Why this process can't write to the store at the moment, as far as its own writes show. Absent: it writes nothing
   * by itself, so that a look writes one small value, to see.
   */
  readonly writeFault?: (() => StoreFault | undefined) | undefined;
}

interface Looking extends Omit<StoredProbesDeps, 'storage' | 'alertRules'> {
  readonly storage: LookedAt;
  readonly alertRules: AlertRules;
}

/** Probes of the stored state. */
export const makeStoredProbes = ({ alertRules = builtInAlertRules(), ...deps }: StoredProbesDeps): readonly HealthProbe[] => {
  const base = { depth: 'local', limitMs: STORE_LIMIT_MS } as const;
  const fixHint = 'see whether the disk is slow, or the database locked or not reachable';
  const probe = (id: string, look: (opened: Looking) => Promise<Finding | undefined>): HealthProbe => ({
    ...base,
    id,
    late: { status: 'warn', fixHint },
    probe: () => whereOpened(deps.clock, deps.storage, (storage) => look({ ...deps, alertRules, storage }).catch(unreadable)),
  });
  return [
    {
      ...base,
      id: DATABASE_PROBE,
      unreadyFrom: 'fail',
      late: { status: 'fail', fixHint },
      probe: async () => {
        try {
          return await database({ ...deps, alertRules, storage: await deps.storage() });
        } catch (error) {
          return unreadable(error);
        }
      },
    },
    probe('queue.promises', promises),
    probe('queue.outbox', outbox),
    probe('process.restarts', restarts),
    probe('model.rests', models),
    probe('config.workspaces', workspaces),
  ];
};

/** Where the store can't be opened, read or written. */
const unreadable = (error: unknown): Finding => unusable(storeFaultOf(error));

const unusable = ({ reason, help }: StoreFault): Finding => ({
  status: 'fail',
  message: reason,
  fixHint: help ?? `${commandHint('config check --live')} says what it finds there, and whether its disk has room`,
});

const database = async ({ storage: { name, stores, state }, clock, writeFault }: Looking): Promise<Finding> => {
  // A full or read-only disk still reads well.
  if (!writeFault) await state('health').set(new Map([['probe', String(clock.now())]]));
  const fault = writeFault?.();
  if (fault) return unusable({ ...fault, reason: `it can't be written: ${fault.reason}` });
  const { open } = await stores.messages.stats();
  return { status: 'ok', message: `${name}; ${open === 0 ? 'no message waits' : `${open} messages wait for their turn`}` };
};

/** `; the oldest is due for 4 min` */
const oldestWords = (waitedMs: number): string => (waitedMs >= 1_000 ? `; the oldest is due for ${durationWords(waitedMs)}` : '');

const promises = async ({ storage: { stores, queue }, clock, alertRules }: Looking): Promise<Finding> => {
  const { pending, waiting, in_progress: running } = await stores.promises.stats();
  const dueAt = await queue.nextDueAt();
  const waitedMs = dueAt === undefined ? 0 : clock.now() - dueAt;
  const message = `${running} in progress, ${pending} pending, ${waiting} waiting${oldestWords(waitedMs)}`;
  const isTooLong = isBadBy('queue.oldest-due', alertRules['queue.oldest-due'], waitedMs / 1_000);
  // A lease that ran out long ago shows that no worker is left, not that one is busy.
  const isLeft = async (): Promise<boolean> => waitedMs > OVERDUE_MS && !(await hasLiveLease(stores.promises, clock.now(), OVERDUE_MS));
  return isTooLong || (await isLeft())
    ? {
        status: 'warn',
        message: `${message}, and is overdue: is a worker running, with room for it? ${commandHint('worker')} starts one`,
        fixHint: `start a worker with ${commandHint('worker')}, or see with ${commandHint('promises list')} what keeps the running ones busy`,
      }
    : { status: 'ok', message };
};

/** A process that begins and ends over and over; nothing where none does. */
const restarts = async ({
  storage: { stores },
  clock,
  alertRules: { 'process.restarts': rule },
}: Looking): Promise<Finding | undefined> => {
  const { looping, restartsWithinMs } = await makeListProcesses({ processes: stores.processes, clock, rule })();
  if (looping.length === 0) return undefined;
  return {
    status: 'warn',
    message: looping
      .slice(0, MAX_NAMED)
      .map((each) => restartWords(each, restartsWithinMs))
      .join('; '),
    fixHint: `see ${commandHint('logs --level warn')}; what was killed has logged nothing of it: see the log of the machine, too`,
  };
};

const outbox = async ({ storage: { stores }, clock }: Looking): Promise<Finding> => {
  const { pending, failed } = await stores.outbox.stats();
  const dueAt = await stores.outbox.nextDueAt();
  const waitedMs = dueAt === undefined ? 0 : clock.now() - dueAt;
  const message = `${pending} to send${failed > 0 ? `, ${failed} given up` : ''}${oldestWords(waitedMs)}`;
  return waitedMs > OVERDUE_MS
    ? {
        status: 'warn',
        message: `${message}, and is overdue: is the bot running?`,
        fixHint: `start the bot with ${commandHint('bot')}; where it runs, see its gateways here and in its log`,
      }
    : { status: 'ok', message };
};

/** What a model did that it stands behind the others for. */
const DID: Readonly<Partial<Record<PortErrorCode, string>>> = {
  unauthorised: 'refused the credentials',
  'not-found': 'is not known at its address',
  'out-of-credit': 'has no credit left',
  'rate-limited': 'had too much to do',
  unavailable: 'was down',
  timeout: 'did not answer in time',
};

/** Whether models answer shows when they are asked: one that is left alone, or lacks something, is worth a word. */
const models = async ({ storage: { state }, clock, models: asked }: Looking): Promise<Finding | undefined> => {
  const isAsked = (name: string): boolean => asked === undefined || asked.includes(name);
  const rests = [...cooldownsIn(await state('models').list(''))].filter(([name, { until }]) => isAsked(name) && until > clock.now());
  const lost = modelsWithoutTools(await state('models-without-tools').list(''), clock.now()).filter(isAsked);
  if (rests.length + lost.length === 0) return undefined;
  const losses = lost.map((name) => `${name} can't call tools: it makes no promises or schedules and reads no files`);
  const words = rests.map(
    ([name, { until, code, asked: asksForIt }]) =>
      `${name} rests for ${durationWords(until - clock.now())}: ${asksForIt ? `it asked for that (${code})` : `it ${DID[code] ?? `failed (${code})`}, and is asked after all others`}`,
  );
  const fixHint =
    rests.length > 0
      ? `${commandHint('health')} says below model.<provider> what is wrong with it; others of KEPT_MODELS answer meanwhile`
      : 'name a model that can call tools in KEPT_MODELS';
  return { status: 'warn', message: [...words, ...losses].join('; '), fixHint };
};

/** Chats under an old id are served as before: that is told, and nothing is wrong. */
const workspaces = async ({ storage: { stores }, policy }: Looking): Promise<Finding | undefined> => {
  const outdated = policy ? outdatedChats(policy, await stores.chatMoves.list()) : [];
  return outdated.length === 0 ? undefined : { status: 'ok', message: outdated.map(outdatedWords).join(' ') };
};
