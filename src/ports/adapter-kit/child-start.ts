/** What a command sees of the disk. All paths are absolute; those that do not exist are left out. */
export interface DiskView {
  /** Directories that it may write to. */
  readonly writable: readonly string[];
  /** Places inside of those that it may only read. */
  readonly guarded: readonly string[];
  /** Places that are empty for it. What is writable inside of them is there. */
  readonly hidden: readonly string[];
}

/** A command that runs until it is ended. */
export interface ChildStart {
  readonly command: string;
  readonly args: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Holds where commands are contained; else it sees what this process sees. */
  readonly disk: DiskView;
}

/** `Process` is how the platform has a process: nothing here depends on that. */
export interface StartedChild<Process> {
  readonly process: Process;
  /** Rejects with PortError if it can't be started. */
  readonly started: Promise<void>;
  /** The end of what it wrote to standard error. */
  errors(): string;
  /** Ends its whole process group: SIGTERM, then SIGKILL. Resolves when all are gone. May be called more than once. */
  end(): Promise<void>;
}

/** Starts a command at once. */
export type StartChild<Process> = (start: ChildStart) => StartedChild<Process>;
