/** A piece of work that another one refers to: its trace, and itself. */
export interface WorkRef {
  /** 32 lower-case hex digits: the correlation id of log lines, and the trace id of traces. */
  readonly correlationId: string;
  /** 16 lower-case hex digits. */
  readonly spanId: string;
}

/**
 * `receive`: a message is taken in. `fetch`: its files are fetched. `turn`: messages are answered. `agent`: a run of an
 * agent. `promise`: an attempt at a promise. `deliver`: a message is sent.
 */
export type WorkName = 'receive' | 'fetch' | 'turn' | 'agent' | 'promise' | 'deliver';

/** Work that belongs together: what came of one message, over turns, promises and processes. */
export interface WorkScope extends WorkRef {
  /** What is being done. */
  readonly name: WorkName;
  /** The piece of work that led to this one, where it is known. */
  readonly parentSpanId?: string;
  /** What led to it beside its parent. Absent: nothing. */
  readonly links?: readonly WorkRef[];
  /** The agent that runs. Present in `agent` alone. */
  readonly agent?: string;
}

/** Knows which work the running code belongs to, across its waits. */
export interface Correlation {
  /** Runs `work`, and everything that it starts, inside `scope`. The scope ends when the result has settled. */
  run<T>(scope: WorkScope, work: () => T): T;
  /**
   * The innermost scope of the running code that has not ended; undefined outside of any. What was started in a scope
   * and outlives it, such as a connection, belongs to nothing.
   */
  current(): WorkScope | undefined;
}

/** How a scope ended. */
export interface EndedScope {
  readonly scope: WorkScope;
  /** When it began, in ms since 1970. */
  readonly startedAt: number;
  readonly durationMs: number;
  /** Whether its work threw, or rejected. */
  readonly isFailed: boolean;
}

export interface ObservedCorrelation extends Correlation {
  /**
   * Calls `listener` with each scope that ends from now on, until the returned function is called. A listener MUST NOT
   * throw.
   */
  onEnd(listener: (ended: EndedScope) => void): () => void;
}

/** Knows of no scope, and costs nothing. */
export const noCorrelation: Correlation = { run: (_scope, work) => work(), current: () => undefined };
