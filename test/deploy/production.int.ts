import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { parseAllDocuments } from 'yaml';
import { readProcessConfig } from '../../src/config/index.ts';
import { composeFile, keptServices } from '../support/compose-file.ts';
import { removeDirectory, takeDirectory } from '../support/own-directory.ts';

type Variables = Readonly<Record<string, string>>;

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Variables;
  readonly spec?: {
    readonly template?: { readonly spec: { readonly containers: readonly [{ readonly env: readonly { name: string; value: string }[] }] } };
  };
}
const manifests = (name: string): readonly Manifest[] =>
  parseAllDocuments(readFileSync(new URL(`../../deploy/kubernetes/${name}.yaml`, import.meta.url), 'utf8')).map(
    (one) => one.toJS() as Manifest,
  );

/** The variables of each container that runs Kept, as the files of deployments give them. */
const containers = (): readonly (readonly [name: string, env: Variables])[] => {
  const shared = manifests('config').find(({ metadata }) => metadata.name === 'kept-env')?.data ?? {};
  const pods = ['bot', 'worker'].flatMap((role) =>
    manifests(role).flatMap(({ kind, spec }) => {
      const env = spec?.template?.spec.containers[0].env ?? [];
      return kind === 'Deployment'
        ? [[`kubernetes ${role}`, { ...shared, ...Object.fromEntries(env.map((one) => [one.name, one.value])) }] as const]
        : [];
    }),
  );
  return [...keptServices(composeFile()).map(({ name, service }) => [`compose ${name}`, service.environment ?? {}] as const), ...pods];
};

describe('A deployment, with its secrets filled in', () => {
  let directory = '';
  before(() => {
    directory = takeDirectory('production');
    mkdirSync(join(directory, 'data'), { mode: 0o700 });
  });
  after(() => removeDirectory(directory));

  const token = randomBytes(16).toString('hex');
  const SECRETS: Variables = {
    DATABASE_URL: `postgres://kept:${token}@postgres:5432/kept`,
    ANTHROPIC_API_KEY: `sk-made-up-${token}`,
    TELEGRAM_BOT_TOKEN: `7000000001:${'t'.repeat(35)}`,
    TELEGRAM_API_HASH: token,
    KEPT_API_TOKEN: token,
  };
  const errorsOf = (env: Variables): readonly string[] => {
    const given = Object.entries(env).map(([name, value]) => {
      const secret = SECRETS[name.replace(/_FILE$/, '')];
      if (!name.endsWith('_FILE')) return [name, value];
      const path = join(directory, basename(value));
      writeFileSync(path, secret ?? expect.fail(`no secret for ${name}`), { mode: 0o440 });
      return [name, path];
    });
    const all = {
      TELEGRAM_API_ID: '1234567',
      ...Object.fromEntries(given),
      ENVIRONMENT: 'production',
      KEPT_DATA_DIR: join(directory, 'data'),
    };
    return readProcessConfig(all, directory).problems.flatMap(({ severity, place, problem }) =>
      severity === 'error' ? [`${place}: ${problem}`] : [],
    );
  };

  for (const [name, env] of containers())
    it(`starts in production: ${name}`, () => {
      expect(env.HOST, 'others reach it').to.equal('0.0.0.0');
      expect(errorsOf(env)).to.deep.equal([]);
      const { KEPT_TRUSTED_PROXIES: _proxies, ...bare } = env;
      expect(errorsOf(bare).join(), 'nobody speaks TLS').to.include('without TLS');
    });
});
