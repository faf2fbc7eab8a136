/** What a check looks at, for the reference. */
interface About {
  readonly looksAt: string;
  /** What `--fix` does about it; absent where only a person can mend it. */
  readonly mends?: string;
}

/** The doctor's own checks, in their order. */
export const DOCTOR_CHECKS = {
  'system.node': { looksAt: 'whether this version of Node is one that Kept runs on' },
  'system.port': {
    looksAt:
      'whether a bot can listen at `HOST` and `PORT`, and a worker at `KEPT_METRICS_PORT` where that is set, or whether they do so already',
  },
  'config.file': {
    looksAt:
      'whether `.env`, `workspace_config.json`, prices, alerts, agents, skills and `.mcp.json` can be read and mean something, and were not changed since a running process has read them',
  },
  'config.env': { looksAt: 'whether each variable is known, well written and has a value that means something' },
  'config.keys': {
    looksAt:
      'whether keys, tokens and addresses with passwords have the shape of such, and none is the placeholder of an example. It asks nobody: see below',
  },
  'config.production': {
    looksAt:
      'with `ENVIRONMENT=production`: what [a production start](../how-to/serve-beyond-this-machine.md#what-production-refuses) refuses or warns of',
  },
  'storage.directory': { looksAt: 'whether `KEPT_DATA_DIR` can be made or written, with all that stands in it' },
  'storage.modes': {
    looksAt:
      'whether other users of this machine can read or change the data directory, its files, `.env`, `.mcp.json` or the TLS key, and whether every user can change a file of the configuration',
    mends:
      'takes the rights of others away (`chmod go=`, of the configuration `chmod o-w`); in the data directory only while nothing runs on it',
  },
  'storage.migrations': {
    looksAt: 'whether the tables are those of this version of Kept; an older or newer version may have written them',
  },
  'storage.settings': {
    looksAt:
      'SQLite: WAL as the journal, `synchronous`, foreign keys, the wait for locks. PostgreSQL: `fsync`, `full_page_writes`, `synchronous_commit`, without which a commit that was told as stored may be lost',
    mends: 'SQLite: sets WAL, while nothing runs on the data',
  },
  'storage.backup': {
    looksAt:
      'whether `backups` of the data directory has a backup that did not break off (one of `kept backup`, a SQLite database or a dump of `pg_dump` with its end, what is packed and not far smaller than the one before it, or a directory with such), and whether the newest is younger than the rule of that name says',
  },
  'process.lock': {
    looksAt: 'locks of processes that have ended without removing them, such as by `kill -9`',
    mends: 'removes the lock, and what stands beside it of that process, while it holds the lock itself',
  },
  'process.pid': { looksAt: 'texts with a process id beside no lock', mends: 'removes them, in the same way' },
  'process.socket': { looksAt: 'Unix sockets below the data directory on which nobody listens', mends: 'removes them' },
  'process.temp': {
    looksAt: 'drafts and records of processes that were killed while they wrote, older than ten minutes',
    mends: 'removes them',
  },
} as const satisfies Readonly<Record<string, About>>;

export type DoctorCheckId = keyof typeof DOCTOR_CHECKS;
export const DOCTOR_CHECK_IDS = Object.keys(DOCTOR_CHECKS) as readonly DoctorCheckId[];
export const aboutCheck = (id: DoctorCheckId): About => DOCTOR_CHECKS[id];
