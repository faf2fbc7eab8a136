import { type HealthCheck, type HealthReport, summarise } from '../../domain/health/health.ts';
import { commandHint } from '../../domain/shared/command-form.ts';
import { type AccessPolicy, outdatedChats } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import { type PortErrorCode, reasonOf } from '../../ports/port-error.ts';
import type { PromiseQueries } from '../../ports/storage/promise-queries.ts';
import type { Storage } from '../../ports/storage/storage.ts';
import { outdatedWords } from '../chats/outdated-words.ts';
import { cooldownsIn } from '../models/cooldowns.ts';
import { modelsWithoutTools } from '../models/tool-losses.ts';

/** A due promise or message that nobody takes for this long means that its process is not running, or stuck. */
const OVERDUE_MS = 60_000;
/** So many of those in progress are asked for their leases, the newest first. */
const LOOKED_AT = 1_000;

export type CheckHealth = () => Promise<HealthReport>;

interface Deps {
  readonly storage: Pick<Storage, 'name' | 'stores' | 'queue' | 'state'>;
  readonly clock: Clock;
  /** What the configuration says: absent, its chats are not looked at. */
  readonly policy?: AccessPolicy | undefined;
  /** Names of the models that are asked; of others nothing is told. Absent: all are. */
  readonly models?: readonly string[] | undefined;
}

/** Looks at the stored state: whether it can be read and written, and whether anything waits that should not. */
export const makeCheckHealth =
  (deps: Deps): CheckHealth =>
  async () => {
    const checks = await Promise.all([
      check('storage.database', () => storage(deps)),
      check('queue.promises', () => promises(deps)),
      check('queue.outbox', () => outbox(deps)),
      check('model.rests', () => models(deps)),
      check('config.workspaces', () => workspaces(deps)),
    ]);
    return summarise(checks.flatMap((found) => found ?? []));
  };

/** undefined: there is nothing to tell. */
type Finding = Omit<HealthCheck, 'id'> | undefined;

const check = async (id: string, look: () => Promise<Finding>): Promise<HealthCheck | undefined> => {
  try {
    const found = await look();
    return found && { id, ...found };
  } catch (error) {
    return { id, status: 'fail', message: reasonOf(error) };
  }
};

const storage = async ({ storage: { name, stores, state }, clock }: Deps): Promise<Omit<HealthCheck, 'id'>> => {
  // A full or read-only disk still reads well.
  await state('health').set(new Map([['probe', String(clock.now())]]));
  const { open } = await stores.messages.stats();
  return { status: 'ok', message: `${name}; ${open === 0 ? 'no message waits' : `${open} messages wait for their turn`}` };
};

const promises = async ({ storage: { stores, queue }, clock }: Deps): Promise<Omit<HealthCheck, 'id'>> => {
  const { pending, waiting, in_progress: running } = await stores.promises.stats();
  const message = `${running} in progress, ${pending} pending, ${waiting} waiting`;
  const dueAt = await queue.nextDueAt();
  const overdue = dueAt !== undefined && clock.now() - dueAt > OVERDUE_MS;
  return overdue && !(await isWorked(stores.promises, clock.now()))
    ? {
        status: 'warn',
        message: `${message}; the oldest is overdue: is a worker running, with room for it? ${commandHint('worker')} starts one`,
      }
    : { status: 'ok', message };
};

/**
 * What is in progress under a lease that ran out long ago has lost its worker: it shows that none is left, not that one
 * is busy.
 */
const isWorked = async (promises: Pick<PromiseQueries, 'find'>, now: number): Promise<boolean> =>
  (await promises.find({ statuses: ['in_progress'], newestFirst: true, limit: LOOKED_AT })).some(
    (promise) => promise.status === 'in_progress' && now - promise.lease.expiresAt <= OVERDUE_MS,
  );

const outbox = async ({ storage: { stores }, clock }: Deps): Promise<Omit<HealthCheck, 'id'>> => {
  const { pending, failed } = await stores.outbox.stats();
  const dueAt = await stores.outbox.nextDueAt();
  const message = `${pending} to send${failed > 0 ? `, ${failed} given up` : ''}`;
  const overdue = dueAt !== undefined && clock.now() - dueAt > OVERDUE_MS;
  return overdue ? { status: 'warn', message: `${message}; the oldest is overdue: is the bot running?` } : { status: 'ok', message };
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
const models = async ({ storage: { state }, clock, models: asked }: Deps): Promise<Finding> => {
  const isAsked = (name: string): boolean => asked === undefined || asked.includes(name);
  const rests = [...cooldownsIn(await state('models').list(''))].filter(([name, { until }]) => isAsked(name) && until > clock.now());
  const lost = modelsWithoutTools(await state('models-without-tools').list(''), clock.now()).filter(isAsked);
  if (rests.length + lost.length === 0) return undefined;
  const losses = lost.map((name) => `${name} can't call tools: it makes no promises or schedules and reads no files`);
  const words = rests.map(
    ([name, { until, code, asked }]) =>
      `${name} rests for ${duration(until - clock.now())}: ${asked ? `it asked for that (${code})` : `it ${DID[code] ?? `failed (${code})`}, and is asked after all others`}`,
  );
  return { status: 'warn', message: [...words, ...losses].join('; ') };
};

/** Chats under an old id are served as before: that is told, and nothing is wrong. */
const workspaces = async ({ storage: { stores }, policy }: Deps): Promise<Finding> => {
  const outdated = policy ? outdatedChats(policy, await stores.chatMoves.list()) : [];
  return outdated.length === 0 ? undefined : { status: 'ok', message: outdated.map(outdatedWords).join(' ') };
};

/** The state of things in a line, for a chat. */
export const makeStatusLine =
  (deps: { readonly checkHealth: CheckHealth; readonly clock: Clock; readonly startedAt: number }): (() => Promise<string>) =>
  async () => {
    const { status, checks } = await deps.checkHealth();
    const promisesDetail = checks.find(({ id }) => id === 'queue.promises')?.message ?? 'promises unknown';
    return `${status}; promises: ${promisesDetail}; up ${duration(deps.clock.now() - deps.startedAt)}`;
  };

/** `3 d 4 h`, `2 h 5 min`, `4 min`, `12 s` */
export const duration = (ms: number): string => {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
};
