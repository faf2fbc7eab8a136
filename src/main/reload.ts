import { relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Config, type ConfigProblem, makeReadAgain } from '../config/index.ts';
import { errorCode } from '../domain/shared/error-code.ts';
import { type Clock, type Events, reasonOf, type Storage } from '../ports/index.ts';
import { auditConfiguration } from './audit-config.ts';
import { readAgainTimes, readsAgain, recordReadAgain } from './files-read.ts';
import type { LiveConfig } from './live-config.ts';

/** A changed file is read once it has held still for as long as this. */
const EACH_MS = 1_000;

interface Reloading {
  readonly role: string;
  readonly lock: string;
  readonly live: LiveConfig;
  readonly storage: Pick<Storage, 'stores' | 'state'>;
  readonly clock: Clock;
  readonly events: Events;
  /** Default: where the process runs. */
  readonly cwd?: string;
  /** Default: the files of the configuration, with the variables as they are now. */
  readonly readAgain?: ReturnType<typeof makeReadAgain>;
}

/** Looks whether files of the configuration have changed. */
export interface Reload {
  /** Takes over what has changed and holds still. Never rejects. */
  look(): Promise<void>;
  /** The same at once, for somebody who asks for it and has finished the files. */
  now(): Promise<void>;
  start(): void;
  /** Resolves once no look goes on. */
  stop(): Promise<void>;
}

/**
 * Follows the files of workspaces, prices, agents, skills and MCP servers. What has an error changes nothing. Files are
 * looked at, and not watched: that finds each way of replacing one, on each kind of file system.
 */
export const makeReload = (parts: Reloading): Reload => {
  const { role, lock, live, storage, clock, events, cwd = process.cwd() } = parts;
  const { readAgain = makeReadAgain(process.env, cwd) } = parts;
  const { dataDir } = live.config;
  let handled = readAgainTimes(live.current(), cwd);
  let seen = handled;
  let failed = '';
  /** What was changed while the process started is found, too. */
  let isFirst = true;

  const changedFiles = (): readonly string[] =>
    [...new Set([...Object.keys(handled), ...Object.keys(seen)])]
      .filter((path) => handled[path] !== seen[path])
      .map((path) => (relative(cwd, path).startsWith('..') ? path : relative(cwd, path)));

  const takeOver = async (next: Config, warnings: readonly ConfigProblem[]): Promise<void> => {
    if (!live.differs(next)) return;
    // First what it will be known by: who is killed in between has read it at the next start.
    await auditConfiguration(storage, role, live.current(), { clock, cwd, isRead: readsAgain(live.current(), cwd) });
    await live.apply(next);
    for (const { place, problem, hint } of warnings) events.emit({ type: 'configuration-warned', place, problem, hint });
    events.emit({ type: 'configuration-applied', files: changedFiles() });
  };

  const handle = async (): Promise<void> => {
    const { config, problems } = readAgain();
    const errors = [...problems.filter(({ severity }) => severity === 'error'), ...goneFile(live.current(), seen)];
    if (errors.length > 0) {
      recordReadAgain(dataDir, lock, errors);
      const words = errors.slice(0, MAX_TOLD).map(({ place, problem }) => `${place}: ${problem}`);
      events.emit({ type: 'configuration-refused', files: changedFiles(), problems: words, count: errors.length });
    } else {
      const known = new Set(live.current().warnings.map(({ place, problem }) => `${place}: ${problem}`));
      await takeOver(
        config,
        config.warnings.filter(({ place, problem }) => !known.has(`${place}: ${problem}`)),
      );
      recordReadAgain(dataDir, lock, seen);
    }
  };

  const lookAt = async (now: ReturnType<typeof readAgainTimes>, isAsked: boolean): Promise<void> => {
    const holdsStill = isDeepStrictEqual(now, seen);
    seen = now;
    if (!isAsked && (!holdsStill || (!isFirst && isDeepStrictEqual(now, handled)))) return;
    try {
      await handle();
      handled = now;
      isFirst = false;
      failed = '';
    } catch (error) {
      const reason = reasonOf(error);
      if (reason !== failed) {
        events.emit({ type: 'configuration-not-applied', files: changedFiles(), reason, error });
        recordFailure(reason);
      }
      failed = reason;
    }
  };

  const recordFailure = (reason: string): void => {
    try {
      recordReadAgain(dataDir, lock, [{ place: changedFiles().join(', '), problem: `can't be taken over yet: ${reason}` }]);
    } catch (error) {
      // Most often for the reason that was told just now, such as a full disk.
      if (errorCode(error) === undefined) throw error;
    }
  };

  let looking: Promise<void> = Promise.resolve();
  /** One look after the other: two would apply the same change twice. */
  const look = (isAsked: boolean): Promise<void> => {
    looking = looking.then(() => lookAt(readAgainTimes(live.current(), cwd), isAsked));
    return looking;
  };
  let cancel = (): void => undefined;
  let isStopped = false;
  const next = (): void => {
    cancel = clock.after(EACH_MS, () => {
      void look(false).then(() => {
        if (!isStopped) next();
      });
    });
  };
  return {
    look: () => look(false),
    now: () => (isStopped ? looking : look(true)),
    start: next,
    stop: async () => {
      isStopped = true;
      cancel();
      await looking;
    },
  };
};

const MAX_TOLD = 5;

/** Without its file, no workspace and nobody is known: whoever means that starts anew. */
const goneFile = ({ workspaceConfigPath: path, policy }: Config, times: Readonly<Record<string, number>>): readonly ConfigProblem[] => {
  const isEmpty = policy.workspaces.length + policy.whitelist.userIds.size + policy.whitelist.usernames.size === 0;
  if (times[path] !== undefined || isEmpty) return [];
  return [{ place: path, problem: 'the file is gone', hint: 'put it back; a start without it knows nobody', severity: 'error' }];
};
