import { present } from '../domain/shared/present.ts';
import { budgetsOf } from './budget-problems.ts';
import type { Config } from './config.ts';
import { type ConfigProblem, error, warning } from './problems.ts';
import { isLoopback } from './sections/http.ts';
import { loggedContentNames } from './sections/log.ts';

/** What is looked at beside the configuration. What is absent is not known. */
export interface Machine {
  readonly isRoot?: boolean;
  /** The kind of the file system that holds the data, as Linux numbers them. */
  readonly fileSystem?: number;
}

/**
 * The problems of a production installation: those that were found, and what only production forbids or warns of. An
 * error is what others could misuse, or what loses data; the rest is a warning.
 */
export const productionProblems = (config: Config, machine: Machine, found: readonly ConfigProblem[]): readonly ConfigProblem[] => {
  // What has an error counts as unset: one problem is enough for it.
  const wrong = new Set(found.filter(({ severity }) => severity === 'error').flatMap(({ place }) => place.split(', ')));
  const added = [...refusals(config, machine), ...warnings(config, machine)]
    .filter(({ place }) => !place.split(', ').some((name) => wrong.has(name)))
    .map((problem) => ({ ...problem, ofProduction: true as const }));
  return [...found.map(asProductionSeesIt), ...added];
};

/** In a file that everybody can read, a secret is none. */
const asProductionSeesIt = (problem: ConfigProblem): ConfigProblem =>
  problem.openFile === undefined || !problem.isOpenToAll ? problem : { ...problem, severity: 'error', ofProduction: true };

const refusals = ({ http, database, dataDir }: Config, { fileSystem }: Machine): readonly ConfigProblem[] => {
  const network = fileSystem === undefined ? undefined : NETWORK_FILE_SYSTEMS[fileSystem];
  return [
    ...(!isLoopback(http.host) && http.tls === undefined && http.trustedProxies.length === 0
      ? [
          error(
            'HOST',
            `is ${http.host} without TLS: the token and everything that is said could be read on the way`,
            'set SSL_KEYFILE and SSL_CERTFILE, or KEPT_TRUSTED_PROXIES to the proxy that speaks TLS, or leave HOST unset',
          ),
        ]
      : []),
    ...(http.corsOrigins.includes('*')
      ? [error('CORS_ORIGINS', '* lets the pages of every web site ask this server', 'name the origins one by one')]
      : []),
    ...(network !== undefined && database === undefined
      ? [
          error(
            'KEPT_DATA_DIR',
            `${dataDir} is on a network file system (${network}), where SQLite can lose what it has stored`,
            'name a directory of a local disk, or keep the data in PostgreSQL (DATABASE_URL)',
          ),
        ]
      : []),
  ];
};

const warnings = (config: Config, { isRoot = false, fileSystem }: Machine): readonly ConfigProblem[] => {
  const { http, models, backups, alertChannels, policy, logLevel, loggedContent, preservesTempFiles } = config;
  const { deadMan: _, ...roads } = alertChannels;
  const logged = loggedContentNames(loggedContent);
  const plain = plainAddresses(config);
  return [
    // Beyond this machine it is required anyway.
    ...(http.apiToken === undefined
      ? [
          warning(
            'KEPT_API_TOKEN',
            'is not set: every program and every user of this machine can drive the agent',
            'set it (`openssl rand -hex 32` makes a good one)',
          ),
        ]
      : []),
    ...(models.order.includes('rehearsal')
      ? [
          warning(
            'KEPT_MODELS',
            'the rehearsal model answers people, by fixed rules',
            'give the key of a model, and name models alone that think',
          ),
        ]
      : []),
    ...(logged.length > 0
      ? [warning(logged.join(', '), 'the log holds what people and agents said', 'leave them unset, once the fault is found')]
      : []),
    ...(logLevel === 'debug' ? [warning('LOG_LEVEL', 'DEBUG logs each step, and fills the disk', 'set INFO, or leave it unset')] : []),
    ...(preservesTempFiles
      ? [warning('KEPT_PRESERVE_TEMP_FILES', 'what is needed only for a time is never removed', 'leave it unset, once the fault is found')]
      : []),
    ...(backups.everyMs === undefined && !backups.areElsewhere
      ? [
          warning(
            'KEPT_BACKUP_EVERY',
            'no backup is made by itself',
            'leave it unset, or set how old the newest may get, such as 24h; `elsewhere` where another job makes them',
          ),
        ]
      : []),
    ...(Object.keys(present(roads)).length === 0
      ? [
          warning(
            'ALERT_WEBHOOK_URL',
            'no alert can reach anybody: no channel is set',
            'set one: ALERT_WEBHOOK_URL, ALERT_SLACK_WEBHOOK_URL, SMTP_URL, ALERTMANAGER_URL, …: see docs/how-to/be-alerted.md',
          ),
        ]
      : []),
    ...(plain.length > 0
      ? [
          warning(
            plain.join(', '),
            'plain http: what is posted, and the address itself, could be read on the way',
            'give an https address, or one of this machine, such as http://127.0.0.1:8080',
          ),
        ]
      : []),
    ...(fileSystem === FUSE && config.database === undefined
      ? [
          warning(
            'KEPT_DATA_DIR',
            `${config.dataDir} is on FUSE: where another machine holds the files, such as by sshfs, SQLite can lose what it has stored`,
            'name a directory of a local disk, or keep the data in PostgreSQL (DATABASE_URL)',
          ),
        ]
      : []),
    ...(budgetsOf(policy).length === 0
      ? [
          warning(
            `${config.workspaceConfigPath}: budget`,
            'nothing limits what may be spent: there is no budget',
            'set one: see docs/how-to/budgets-and-prices.md',
          ),
        ]
      : []),
    ...(isRoot
      ? [
          warning(
            'ENVIRONMENT',
            'the process runs as root: a fault in it could change everything on this machine',
            'run it as a user of its own, to whom the data directory belongs',
          ),
        ]
      : []),
  ];
};

/** The variables whose addresses are of other machines, without TLS. Alertmanager often has a network of its own. */
const plainAddresses = ({ webhook, alertChannels }: Config): readonly string[] =>
  Object.entries({
    KEPT_WEBHOOK_URL: webhook?.url,
    ALERT_WEBHOOK_URL: alertChannels.webhook?.url,
    ALERT_SLACK_WEBHOOK_URL: alertChannels.slack?.url,
    ALERT_PAGERDUTY_URL: alertChannels.pagerDuty?.url,
    ALERT_DEADMAN_URL: alertChannels.deadMan?.url,
  }).flatMap(([name, address]) => {
    const url = URL.parse(address ?? '');
    return url?.protocol === 'http:' && !isLoopback(url.hostname) ? [name] : [];
  });

/** What lies behind it, a local disk or another machine, its number does not tell. */
const FUSE = 1702057286;

/** By the numbers of Linux (statfs(2)). Locks and shared memory of SQLite do not hold over these. */
const NETWORK_FILE_SYSTEMS: Readonly<Record<number, string>> = {
  26985: 'NFS',
  20859: 'SMB',
  4283649346: 'CIFS',
  4266872130: 'SMB 2',
  1397113167: 'AFS',
  12805120: 'Ceph',
  198183888: 'Lustre',
  1196443219: 'GPFS',
  1952539503: 'OCFS2',
  16914839: '9p',
};
