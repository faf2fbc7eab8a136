import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type ConfigProblem, readProcessConfig } from '../../src/config/index.ts';
import { type Machine, productionProblems } from '../../src/config/production.ts';

const TOKEN = 'long-enough-for-this';
const NFS = 0x6969;
const EXT4 = 0xef53;
const NINE_P = 0x01021997;
const FUSE = 0x65735546;

/** A production installation in which nothing is wrong. */
const WELL = {
  ENVIRONMENT: 'production',
  KEPT_API_TOKEN: TOKEN,
  OPENAI_API_KEY: 'made-up-key-of-a-test',
  ALERT_WEBHOOK_URL: 'https://alerts.example.org/hook',
};
const PRICES = { 'openai/gpt-5.5': { input: 1, output: 2, asOf: '2026-01-01' } };
const PEM = { SSL_KEYFILE: 'key.pem', SSL_CERTFILE: 'cert.pem' };

interface Row {
  readonly name: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly machine?: Machine;
  readonly budget?: false;
  /** Whether everybody can read `.env`, which holds a secret. */
  readonly openEnvFile?: number;
  readonly openKey?: number;
  /** `severity: place`, and words of the problem; nothing: all is well. */
  readonly finds: readonly (readonly [string, RegExp])[];
}

const ROWS: readonly Row[] = [
  { name: 'nothing wrong', finds: [] },
  { name: 'no token', env: { KEPT_API_TOKEN: '' }, finds: [['warning: KEPT_API_TOKEN', /every program .* of this machine/]] },
  {
    name: 'a token that is too short, told once',
    env: { KEPT_API_TOKEN: 'short' },
    finds: [['error: KEPT_API_TOKEN', /does not look like/]],
  },
  { name: 'plain HTTP beyond this machine', env: { HOST: '0.0.0.0' }, finds: [['error: HOST', /0\.0\.0\.0 without TLS/]] },
  { name: 'TLS beyond this machine', env: { HOST: '0.0.0.0', ...PEM }, finds: [] },
  { name: 'plain HTTP to a proxy that is trusted', env: { HOST: '0.0.0.0', KEPT_TRUSTED_PROXIES: '10.0.0.0/8' }, finds: [] },
  { name: 'CORS for everybody', env: { CORS_ORIGINS: '*' }, finds: [['error: CORS_ORIGINS', /pages of every web site/]] },
  { name: 'CORS for somebody', env: { CORS_ORIGINS: 'https://example.org' }, finds: [] },
  { name: 'the rehearsal model alone', env: { OPENAI_API_KEY: '' }, finds: [['warning: KEPT_MODELS', /rehearsal model answers people/]] },
  { name: 'the rehearsal model behind another', env: { KEPT_MODELS: 'openai, rehearsal' }, finds: [['warning: KEPT_MODELS', /rehearsal/]] },
  {
    name: 'contents in the log',
    env: { LOG_LEVEL: 'DEBUG', KEPT_LOG_TOOL_CALLS: 'on', KEPT_LOG_AGENT_INPUTS: 'on' },
    finds: [
      ['warning: KEPT_LOG_AGENT_INPUTS, KEPT_LOG_TOOL_CALLS', /holds what people and agents said/],
      ['warning: LOG_LEVEL', /DEBUG logs each step/],
    ],
  },
  {
    name: 'temporary files that stay',
    env: { KEPT_PRESERVE_TEMP_FILES: 'on' },
    finds: [['warning: KEPT_PRESERVE_TEMP_FILES', /never removed/]],
  },
  { name: 'no backups', env: { KEPT_BACKUP_EVERY: 'off' }, finds: [['warning: KEPT_BACKUP_EVERY', /no backup/]] },
  { name: 'backups that another job makes', env: { KEPT_BACKUP_EVERY: 'elsewhere' }, finds: [] },
  { name: 'no channel of alerts', env: { ALERT_WEBHOOK_URL: '' }, finds: [['warning: ALERT_WEBHOOK_URL', /no alert can reach/]] },
  {
    name: "a dead man's switch alone",
    env: { ALERT_WEBHOOK_URL: '', ALERT_DEADMAN_URL: 'https://alerts.example.org/ping' },
    finds: [['warning: ALERT_WEBHOOK_URL', /no alert can reach/]],
  },
  {
    name: 'plain http to receivers elsewhere',
    env: {
      KEPT_WEBHOOK_URL: 'http://receiver.example.org/hook',
      KEPT_WEBHOOK_SECRET: 'made-up-secret-of-a-test',
      ALERT_WEBHOOK_URL: 'http://10.0.0.7/hook',
      ALERT_SLACK_WEBHOOK_URL: 'HTTP://chat.example.org/hook',
      ALERT_PAGERDUTY_ROUTING_KEY: 'made-up-routing-key-of-a-test',
      ALERT_PAGERDUTY_URL: 'http://[2001:db8::1]/v2/enqueue',
      ALERT_DEADMAN_URL: 'http://127.example.org/ping',
    },
    finds: [
      [
        'warning: KEPT_WEBHOOK_URL, ALERT_WEBHOOK_URL, ALERT_SLACK_WEBHOOK_URL, ALERT_PAGERDUTY_URL, ALERT_DEADMAN_URL',
        /^plain http: .* be read on the way$/,
      ],
    ],
  },
  {
    name: 'plain http to receivers of this machine, and TLS to others',
    env: {
      KEPT_WEBHOOK_URL: 'http://127.0.0.1:8080/hook',
      KEPT_WEBHOOK_SECRET: 'made-up-secret-of-a-test',
      ALERT_WEBHOOK_URL: 'http://localhost/hook',
      ALERT_SLACK_WEBHOOK_URL: 'http://[::1]:9/hook',
      ALERT_DEADMAN_URL: 'https://alerts.example.org/ping',
    },
    finds: [],
  },
  { name: 'no budget', budget: false, finds: [['warning: workspaces.json: budget', /no budget/]] },
  { name: 'root as the user', machine: { isRoot: true }, finds: [['warning: ENVIRONMENT', /as root/]] },
  { name: 'SQLite on NFS', machine: { fileSystem: NFS }, finds: [['error: KEPT_DATA_DIR', /network file system \(NFS\)/]] },
  { name: 'SQLite on 9p', machine: { fileSystem: NINE_P }, finds: [['error: KEPT_DATA_DIR', /network file system \(9p\)/]] },
  { name: 'SQLite on FUSE', machine: { fileSystem: FUSE }, finds: [['warning: KEPT_DATA_DIR', /on FUSE: .* by sshfs/]] },
  {
    name: 'PostgreSQL, and logs on FUSE',
    env: { DATABASE_URL: 'postgres://kept@db.example.org/kept' },
    machine: { fileSystem: FUSE },
    finds: [],
  },
  {
    name: 'PostgreSQL, and logs on NFS',
    env: { DATABASE_URL: 'postgres://kept@db.example.org/kept' },
    machine: { fileSystem: NFS },
    finds: [],
  },
  { name: 'SQLite on a local disk', machine: { fileSystem: EXT4 }, finds: [] },
  { name: '.env for everybody', openEnvFile: 0o644, finds: [['error: .env', /other users of this machine can read/]] },
  { name: '.env for a group', openEnvFile: 0o640, finds: [['warning: .env', /other users of this machine can read/]] },
  { name: 'a TLS key for everybody', env: PEM, openKey: 0o644, finds: [['error: SSL_KEYFILE', /other users of this machine can read/]] },
];

describe('A production installation', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'kept-production-'));
    mkdirSync(join(directory, 'data'), { mode: 0o700 });
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const problemsOf = ({ env, budget, openEnvFile, openKey, machine = {} }: Row, environment = 'production'): readonly ConfigProblem[] => {
    writeFileSync(join(directory, 'workspaces.json'), JSON.stringify(budget === false ? {} : { budget: { daily_usd: 1_000 } }));
    writeFileSync(join(directory, 'prices.json'), JSON.stringify(PRICES));
    for (const file of ['key.pem', 'cert.pem']) writeFileSync(join(directory, file), '', { mode: openKey ?? 0o600 });
    writeFileSync(join(directory, '.env'), `KEPT_API_TOKEN=${TOKEN}\n`);
    chmodSync(join(directory, '.env'), openEnvFile ?? 0o600);
    if (openKey !== undefined) chmodSync(join(directory, 'key.pem'), openKey);
    const variables = { ...WELL, KEPT_CONFIG: 'workspaces.json', ...env, ENVIRONMENT: environment };
    // Read as development: what this machine and its user are is not what the row says.
    const { config, problems } = readProcessConfig({ ...variables, ENVIRONMENT: 'development' }, directory);
    return environment === 'production' ? productionProblems({ ...config, environment }, machine, problems) : problems;
  };
  const place = ({ severity, place }: ConfigProblem): string => `${severity}: ${place.replace(`${directory}/`, '')}`;

  for (const row of ROWS)
    it(`is judged, where there is ${row.name}`, () => {
      const problems = problemsOf(row);
      expect(problems.map(place)).to.deep.equal(row.finds.map(([where]) => where));
      for (const [at, [, words]] of row.finds.entries()) {
        expect(problems[at]?.problem).to.match(words);
        expect(problems[at]?.hint).to.match(/\w/);
      }
    });

  it('is what development is not told of', () => {
    for (const row of ROWS.filter(({ finds }) => finds.some(([where]) => where.startsWith('error'))))
      expect(
        problemsOf(row, 'development').filter(({ severity, problem }) => severity === 'error' && !/does not look like/.test(problem)),
        row.name,
      ).to.deep.equal([]);
  });

  it('is refused where every user can change what it reads, and warned of data that is open, each with the chmod that mends it', () => {
    const files = ['.env', 'config/workspace_config.json', 'config/agents/triage.md', 'data/system.db'];
    for (const path of ['config/agents', 'config/skills', 'data/logs']) mkdirSync(join(directory, path), { recursive: true, mode: 0o700 });
    for (const path of [...files, 'data/logs/kept.log'])
      writeFileSync(join(directory, path), path.endsWith('.json') ? '{}' : '', { mode: 0o600 });
    writeFileSync(join(directory, 'config/agents/triage.md'), '---\nname: triage\ndescription: Sorts\n---\nSort it.\n');
    const env = { ...WELL, ENVIRONMENT: 'production' };
    const modesIn = (given: Record<string, string>) =>
      readProcessConfig(given, directory)
        .problems.filter(({ openFile }) => openFile !== undefined)
        .map((problem) => `${place(problem)} → ${problem.hint.replace(`${directory}/`, '')}`);
    expect(modesIn(env)).to.deep.equal([]);
    chmodSync(join(directory, 'config/skills'), 0o1777);
    expect(modesIn(env), 'as /tmp is').to.deep.equal([]);
    for (const path of files) chmodSync(join(directory, path), 0o666);
    chmodSync(join(directory, 'config/agents/triage.md'), 0o1666);
    chmodSync(join(directory, 'config/skills'), 0o777);
    chmodSync(join(directory, 'data/logs/kept.log'), 0o644);
    chmodSync(join(directory, 'config'), 0o775);
    const ofConfig = ['.env', 'config/workspace_config.json', 'config/agents/triage.md', 'config/skills'];
    expect(modesIn(env)).to.deep.equal([
      ...ofConfig.map((path) => `error: ${path} → \`chmod o-w ${path}\``),
      'error: data/system.db → `chmod go= data/system.db`',
      'warning: data/logs/kept.log → `chmod go= data/logs/kept.log`',
    ]);
    expect(modesIn({ ...env, ENVIRONMENT: 'development' })).to.deep.equal(
      ofConfig.map((path) => `warning: ${path} → \`chmod o-w ${path}\``),
    );
  });

  it('names the first files that every user can change, and counts the others', () => {
    mkdirSync(join(directory, 'config/agents'), { recursive: true });
    for (const n of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const path = join(directory, 'config/agents', `agent${n}.md`);
      writeFileSync(path, `---\nname: agent${n}\ndescription: Sorts\n---\nSort it.\n`);
      chmodSync(path, 0o666);
    }
    const { problems } = readProcessConfig({ ...WELL, ENVIRONMENT: 'production' }, directory);
    const open = problems.filter(({ openFile }) => openFile !== undefined);
    expect(open.map(({ severity }) => severity)).to.deep.equal(Array(6).fill('error'));
    expect(open.at(-1)).to.include({ place: 'config', hint: '`chmod -R o-w config`' });
    expect(open.at(-1)?.problem).to.match(/3 more files of the configuration/);
  });

  it('names the first open files of its data, and counts the others', () => {
    for (const n of [1, 2, 3, 4, 5, 6, 7, 8]) writeFileSync(join(directory, 'data', `${n}.json`), '', { mode: 0o644 });
    const { problems } = readProcessConfig({ ...WELL, ENVIRONMENT: 'production' }, directory);
    const open = problems.filter(({ openFile }) => openFile !== undefined);
    expect(open.map(({ severity }) => severity)).to.deep.equal(Array(6).fill('warning'));
    expect(open.at(-1)).to.include({ hint: `\`chmod -R go= ${directory}/data\`` });
    expect(open.at(-1)?.problem).to.match(/3 more of its files/);
  });

  it('is read with what the machine is like', () => {
    const env = { ...WELL, KEPT_API_TOKEN: '', HOST: '127.0.0.1' };
    const { problems } = readProcessConfig(env, directory);
    expect(problems.filter(({ ofProduction }) => ofProduction).map(place)).to.include('warning: KEPT_API_TOKEN');
    expect(problems.some(({ problem }) => /as root/.test(problem))).to.equal(process.geteuid?.() === 0);
  });
});
