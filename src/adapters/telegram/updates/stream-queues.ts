import { reasonOf } from '../../../ports/index.ts';
import { makeLanes } from '../client/lanes.ts';
import type { TelegramBase } from '../client/settings.ts';
import { type Gaps, makeGaps } from './gaps.ts';
import { makeGroupTurns } from './group-turns.ts';
import { type Jobs, makeJobs } from './jobs.ts';
import { makeRetries, type Retries } from './retries.ts';
import { ACCOUNT } from './updates.ts';

/**
 * When each stream is worked on. The account's has one queue, each channel another: no channel delays a direct
 * message.
 */
export interface StreamQueues {
  /** The account's stream, and containers, which may hold updates of any stream. */
  readonly account: Jobs;
  readonly gaps: Gaps;
  readonly retries: Retries;
  /** Behind all that waits in that channel's queue. A failure is told, and the channel is fetched. */
  runInChannel(stream: string, work: () => Promise<void>): void;
  /** The stream is known to be behind. */
  fetchSoon(stream: string): void;
  /** These channels may be behind: they are fetched one by one, slowly. */
  fetchInTurn(streams: readonly string[]): void;
  stop(): void;
}

export const makeStreamQueues = (
  { clock, timing, notice }: Pick<TelegramBase, 'clock' | 'timing' | 'notice'>,
  signal: AbortSignal,
  fetchAccount: () => Promise<unknown>,
  /** See `FetchChannel`. */
  fetchChannel: (stream: string) => Promise<number | undefined>,
): StreamQueues => {
  const failed = (stream: string, error: unknown): void => {
    if (signal.aborted) return;
    notice('update-failed', { sequence: stream, reason: reasonOf(error), error });
    retries.later(stream, 0);
  };
  const account = makeJobs(signal, (error) => failed(ACCOUNT, error));
  const lanes = makeLanes<string>();
  const inChannel = (stream: string, work: () => Promise<number | undefined>): Promise<number | undefined> =>
    lanes
      .run(stream, async () => (signal.aborted ? undefined : work()))
      .catch((error: unknown) => {
        failed(stream, error);
        return undefined;
      });
  const turns = makeGroupTurns(clock, timing.groupRoundMs, (stream) => inChannel(stream, () => fetchChannel(stream)));
  const fetchSoon = (stream: string): void => (stream === ACCOUNT ? account.add(fetchAccount) : turns.soon(stream));
  const retries = makeRetries(clock, fetchSoon);
  const gaps = makeGaps(clock, timing.gapPatienceMs, fetchSoon);

  return {
    account,
    gaps,
    retries,
    runInChannel: (stream, work) => {
      void inChannel(stream, async () => {
        await work();
        return undefined;
      });
    },
    fetchSoon,
    fetchInTurn: turns.round,
    stop: () => {
      gaps.endAll();
      retries.stop();
      turns.stop();
    },
  };
};
