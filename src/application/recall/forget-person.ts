import { operatorFact } from '../../domain/audit/facts.ts';
import type { UserId } from '../../domain/chat/ids.ts';
import type { PromiseId } from '../../domain/promise/promise.ts';
import type { Echo } from '../../domain/recall/echo.ts';
import { plural } from '../../domain/shared/plural.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { KeyValueState } from '../../ports/storage/key-value-state.ts';
import type { PersonalCounts, PersonalData, PersonalSurvey } from '../../ports/storage/personal-data.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import type { CancelPromise } from '../../ports/use-cases/command-promise.ts';
import type { ForgetElsewhere, ForgetPerson, ForgottenPerson } from '../../ports/use-cases/forget-person.ts';
import type { CancelSchedule } from '../../ports/use-cases/schedules.ts';
import { sleep } from '../loops/timers.ts';

/** How long workers have to hand back what they do for the person. */
const WAIT_MS = 30_000;
const POLL_MS = 100;
/** What is committed while rows are erased is erased by the next round. */
const MAX_ROUNDS = 5;

/** Where words are left in the storage itself. */
const leftOf = ({ underWay, counts }: PersonalSurvey): readonly string[] => [
  ...(underWay > 0
    ? [`in ${plural(underWay, 'run or approval', 'runs or approvals')} of others that are under way: repeat it once they end`]
    : []),
  ...(Object.keys(counts).length > 0 ? ['in what was written meanwhile: run the same command again'] : []),
];

/**
 * Ends what is under way of a person, and erases their words from the storage and from `elsewhere`. Files and lines
 * elsewhere go first: while the storage knows of them, a repeat after a crash finds them.
 */
export const makeForgetPerson = (deps: {
  readonly personalData: PersonalData;
  readonly stores: Pick<Stores, 'promises' | 'audit'>;
  /** Remembers, by person, runs that have begun to erase and have not come to their end. */
  readonly begun: KeyValueState;
  readonly cancelPromise: CancelPromise;
  readonly cancelSchedule: CancelSchedule;
  readonly elsewhere: readonly ForgetElsewhere[];
  readonly clock: Clock;
  readonly events: Events;
}): ForgetPerson => {
  const { personalData, stores, begun, elsewhere, clock, events } = deps;

  const look = async (person: UserId): Promise<{ readonly survey: PersonalSurvey; readonly echo: Echo }> => {
    const echo = await personalData.echoOf(person);
    return { survey: await personalData.survey(person, echo), echo };
  };

  /** A lease that has run out is nobody's: its worker has ended. */
  const stillHeld = async (ids: readonly PromiseId[]): Promise<readonly PromiseId[]> =>
    (await stores.promises.getMany(ids))
      .filter((promise) => 'lease' in promise && promise.lease !== undefined && promise.lease.expiresAt > clock.now())
      .map(({ id }) => id);

  /** Ends schedules and promises, and waits until no worker runs one of them. Resolves to those that still run. */
  const end = async ({ schedules, promises, leased }: PersonalSurvey, signal: AbortSignal): Promise<readonly PromiseId[]> => {
    for (const id of schedules) await deps.cancelSchedule(id);
    // Their chats are told of the end, and not of what it was.
    if (promises.length > 0) await personalData.silence(promises);
    for (const id of promises) await deps.cancelPromise(id);
    const mayRun = [...new Set([...promises, ...leased])];
    if (mayRun.length === 0) return [];
    for (const until = clock.now() + WAIT_MS; ; await sleep(clock, POLL_MS, signal)) {
      signal.throwIfAborted();
      const held = await stillHeld(mayRun);
      if (held.length === 0 || clock.now() >= until) return held;
    }
  };

  const forget = async (person: UserId, signal: AbortSignal): Promise<ForgottenPerson> => {
    const { survey, echo } = await look(person);
    signal.throwIfAborted();
    await begun.set(new Map([[person, String(clock.now())]]));
    await stores.audit.add([operatorFact('forget', { person, begun: true }, clock.now())]);
    const running = await end(survey, signal);
    signal.throwIfAborted();
    const counts: Record<string, number> = {};
    const add = (more: PersonalCounts): void => {
      for (const [name, count] of Object.entries(more)) counts[name] = (counts[name] ?? 0) + count;
    };
    for (const place of elsewhere) add(await place(person, survey, { echo, dryRun: false }));
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const erased = await personalData.erase(person, echo, clock.now());
      add(erased);
      if (Object.keys(erased).length === 0) break;
    }
    // What was logged while rows were erased.
    for (const place of elsewhere) add(await place(person, survey, { echo, dryRun: false }));
    const rows = Object.values(counts).reduce((sum, count) => sum + count, 0);
    // Before what may still fail: they are erased.
    await stores.audit.add([operatorFact('forget', { person, rows, running }, clock.now())]);
    const left = leftOf(await personalData.survey(person, echo));
    const stays = [...left, ...(await personalData.scrub())];
    await begun.set(new Map([[person, undefined]]));
    events.emit({ type: 'person-forgotten', rows });
    return { counts, running, stays };
  };

  return {
    preview: async (person) => {
      const { survey, echo } = await look(person);
      const found = await Promise.all(elsewhere.map((place) => place(person, survey, { echo, dryRun: true })));
      return {
        counts: Object.assign({}, survey.counts, ...found) as PersonalCounts,
        promises: survey.promises,
        schedules: survey.schedules,
        isUnfinished: (await begun.get(person)) !== undefined,
      };
    },
    forget,
  };
};
