/** The state of a directory's files at one time. */
export interface ChangesSince {
  /**
   * What has changed since then, as `git diff --stat` shows it; empty if nothing has. Undefined where that can't be
   * told in time.
   */
  since(signal: AbortSignal): Promise<string | undefined>;
  /** Forgets the state. */
  end(): Promise<void>;
}

/** Tells which files of a repository change. */
export interface WorkspaceChanges {
  /**
   * Remembers the state of the directory. Resolves to undefined where that is no repository, or too large. MUST run
   * nothing that the repository names (hooks, filters, external tools), and MUST NOT change it.
   */
  remember(directory: string, signal: AbortSignal): Promise<ChangesSince | undefined>;
}
