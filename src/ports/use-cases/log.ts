import type { ChatId } from '../../domain/chat/ids.ts';
import type { PromiseId } from '../../domain/promise/promise.ts';

/** Which lines of the log are asked for. What is absent does not narrow it. */
export interface LogQuery {
  /** And of its parts: `mcp` finds `mcp.files` as well. */
  readonly area?: string;
  /** The least. */
  readonly level?: 'debug' | 'info' | 'warn' | 'error';
  /** The lines that name it, and those of the work that they belong to. */
  readonly chatId?: ChatId;
  /** The same. */
  readonly promiseId?: PromiseId;
  /** The lines of that work; the beginning of its id is enough. */
  readonly trace?: string;
  /** At most so many of the newest. */
  readonly limit: number;
  /** Where the log is in this state still, nothing is read. */
  readonly unless?: string;
}

export interface LogTail {
  /** Names how the log was when it was read. */
  readonly state: string;
  readonly isChanged: boolean;
  /** Oldest first, without secrets. Empty where it is not changed. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  /** Earlier lines may fit, too: they were not looked at, or are beyond the limit. */
  readonly hasMore: boolean;
}

/** The newest lines that the processes of this data directory have logged. Rejects with PortError. */
export type ReadLogTail = (query: LogQuery) => Promise<LogTail>;
