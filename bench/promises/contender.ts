/** A queue to measure. Jobs are texts; every contender stores them whole, and a worker is handed the text. */
export interface Contender {
  readonly name: string;
  readonly store: 'SQLite' | 'PostgreSQL';
  /** What a job that was acknowledged survives. */
  readonly durability: string;
  /** It runs one job after the other, however many side by side it is asked for. */
  readonly oneAtATime?: boolean;
  /**
   * Opens it at a file's path or a server's URL, made ready where it is the first. Any number of processes may do so.
   */
  open(place: string): Promise<OpenQueue>;
}

export interface OpenQueue {
  /** Resolves when the job is as durable as it gets. */
  add(text: string): Promise<void>;
  /** Likewise, many at once in the best way that the contender knows. */
  addMany(texts: readonly string[]): Promise<void>;
  /** Starts a worker, and resolves to how to end it. Every job that starts is told, and is done at once. */
  work(concurrency: number, onJob: (text: string) => void): Promise<() => Promise<void>>;
  /** How many jobs are not recorded as done. */
  left(): Promise<number>;
  close(): Promise<void>;
}

const LENGTH = 300;

/** The description of job `number`: as long as people's are. */
export const textOf = (number: number): string =>
  `job ${number} `.padEnd(LENGTH, 'look into what the numbers of last month say, and tell us ');

export const numberOf = (text: string): number => Number(text.split(' ', 2)[1]);
