/** Work that belongs together: what came of one message, over turns, promises and processes. */
export interface WorkScope {
  /** 32 lower-case hex digits: the correlation id of log lines, and the trace id of traces. */
  readonly correlationId: string;
  /** What is being done: `receive`, `turn`, `promise`, `deliver`. */
  readonly name: 'receive' | 'turn' | 'promise' | 'deliver';
  /** 16 hex digits: this piece of work. */
  readonly spanId: string;
  /** The piece of work that led to this one, where it is known. */
  readonly parentSpanId?: string;
}

/** Knows which work the running code belongs to, across its waits. */
export interface Correlation {
  /** Runs `work`, and everything that it starts, inside `scope`. */
  run<T>(scope: WorkScope, work: () => T): T;
  /** The scope of the running code; undefined outside of any. */
  current(): WorkScope | undefined;
}

/** Knows of no scope, and costs nothing. */
export const noCorrelation: Correlation = { run: (_scope, work) => work(), current: () => undefined };
