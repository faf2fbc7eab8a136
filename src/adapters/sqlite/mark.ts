import { randomInt, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { type EngineNotices, PortError, reasonOf } from '../../ports/index.ts';
import type { Query } from '../sql/sql.ts';

/**
 * How far a database has come, as a file beside it remembers. SQLite itself takes a database whose WAL was lost or
 * damaged for one in an older state, and reports nothing.
 */
export interface Mark {
  /** The id of the database, made with its tables. */
  readonly id: number;
  /** How many entries were ever added to conversations, outbox and transcript. It only grows. */
  readonly entries: number;
  /** The sum of the highest numbers given to promises and schedules. */
  readonly numbers: number;
  /** When this state was read, in ISO 8601. */
  readonly at: string;
}

const markSchema = z.object({ id: z.number(), entries: z.number(), numbers: z.number(), at: z.string() });

export const markPath = (path: string): string => `${path}.mark`;

/** Whether there was a database. A damaged mark says so too. */
export const isMarked = (path: string): boolean => existsSync(markPath(path));

/** The mark beside the database. Undefined if there is none or if it is damaged: then nothing is known. */
export const readMark = (path: string): Mark | undefined => {
  try {
    return markSchema.safeParse(JSON.parse(readFileSync(markPath(path), 'utf8'))).data;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new PortError('unavailable', `${markPath(path)} can't be read: ${reasonOf(error)}`, { retryable: false, cause: error });
  }
};

export const writeMark = (path: string, mark: Mark): void => {
  const draft = `${markPath(path)}.${randomUUID()}`;
  try {
    writeFileSync(draft, `${JSON.stringify(mark)}\n`, { mode: 0o600 });
    renameSync(draft, markPath(path));
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
};

const SEQUENCES = "name IN ('conversation', 'outbox', 'local_messages')";
const STATE = `SELECT (SELECT value FROM counters WHERE name = 'database') AS id,
  (SELECT coalesce(sum(seq), 0) FROM sqlite_sequence WHERE ${SEQUENCES}) AS entries,
  (SELECT coalesce(sum(value), 0) FROM counters WHERE name IN ('promise', 'schedule')) AS numbers`;

/** How far the database has come. Undefined if it has no tables of Kept, or only tables from before there were ids. */
export const stateOf = async (query: Query): Promise<Mark | undefined> => {
  const [table] = await query("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'counters'");
  if (!table) return undefined;
  const [state] = await query<{ id: number | null; entries: number; numbers: number }>(STATE);
  return state && state.id !== null ? { ...state, id: state.id, at: new Date().toISOString() } : undefined;
};

/** Gives a new database its id. */
export const giveId = async (query: Query): Promise<void> => {
  if (await stateOf(query)) return;
  await query("INSERT INTO counters (name, value) VALUES ('database', ?) ON CONFLICT (name) DO NOTHING", [randomInt(1, 2 ** 47)]);
};

/**
 * A sentence about what is missing if the database holds less than the mark says, or is another one. The mark MUST have
 * been read before the state.
 */
export const lossOf = (path: string, mark: Mark | undefined, state: Mark | undefined): string | undefined => {
  if (!mark) return undefined;
  if (state?.id === mark.id && state.entries >= mark.entries && state.numbers >= mark.numbers) return undefined;
  const holds = !state ? 'holds nothing' : state.id !== mark.id ? 'is another one' : `holds ${amount(state)}`;
  return `stored data is missing: on ${mark.at.slice(0, 19).replace('T', ' ')} UTC ${path} held ${amount(mark)}, now it ${holds}`;
};

const amount = ({ entries, numbers }: Mark): string => `${entries} entries and ${numbers} numbered promises and schedules`;

/** The mark follows a commit after this time; commits that come meanwhile share one write of the mark. */
const MARK_MS = 100;

/** Keeps the mark up to date after commits. */
export const makeMarker = (path: string, query: Query, notice?: EngineNotices) => {
  let timer: NodeJS.Timeout | undefined;
  let isDue = false;
  let marking: Promise<void> = Promise.resolve();
  const mark = async (): Promise<void> => {
    timer = undefined;
    isDue = false;
    try {
      const state = await stateOf(query);
      if (state) writeMark(path, state);
    } catch (error) {
      notice?.('mark-not-written', { reason: reasonOf(error) });
    }
  };
  return {
    committed: (): void => {
      isDue = true;
      timer ??= setTimeout(() => {
        marking = mark();
      }, MARK_MS).unref();
    },
    close: async (): Promise<void> => {
      clearTimeout(timer);
      await marking;
      if (isDue) await mark();
    },
  };
};
