import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parse, parseAllDocuments } from 'yaml';
import { FILE_VARIABLES } from '../../src/config/environment.ts';
import { VARIABLE_NAMES } from '../../src/config/index.ts';
import { readWorkspaceFile } from '../../src/config/read-workspace-file.ts';
import { removeDirectory, takeDirectory } from '../support/own-directory.ts';
import { runProgram } from '../support/programs.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(root, 'deploy/kubernetes');

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
  readonly spec?: Spec;
}
interface Spec {
  readonly replicas?: number;
  readonly strategy?: { readonly rollingUpdate: { readonly maxUnavailable: number } };
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly template?: { readonly metadata: { readonly labels: Readonly<Record<string, string>> }; readonly spec: PodSpec };
  readonly ports?: readonly { readonly targetPort: string }[];
  readonly jobTemplate?: { readonly spec: { readonly template: { readonly spec: PodSpec } } };
}
interface PodSpec {
  readonly enableServiceLinks: boolean;
  readonly automountServiceAccountToken: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: object;
  readonly containers: readonly [Container];
  readonly volumes: readonly {
    readonly name: string;
    readonly configMap?: { name: string };
    readonly secret?: { secretName: string };
    readonly persistentVolumeClaim?: { claimName: string };
  }[];
}
interface Container {
  readonly args: readonly string[];
  readonly command?: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly envFrom: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly subPath?: string }[];
  readonly securityContext: object;
  readonly resources: { readonly limits: Readonly<Record<string, string>>; readonly requests: Readonly<Record<string, string>> };
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
}
interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

const FILES = readdirSync(folder).filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml');
const manifestsIn = (text: string): readonly Manifest[] => parseAllDocuments(text).map((document) => document.toJS() as Manifest);
const manifests = FILES.flatMap((name) => manifestsIn(readFileSync(join(folder, name), 'utf8')));
const ofKind = (kind: string): readonly Manifest[] => manifests.filter((one) => one.kind === kind);
const named = (kind: string, name: string): Manifest =>
  ofKind(kind).find(({ metadata }) => metadata.name === name) ?? expect.fail(`no ${kind} ${name}`);
const deployments = ['bot', 'worker'].map((role) => {
  const { spec } = named('Deployment', `kept-${role}`);
  const pod = spec?.template?.spec ?? expect.fail(`no pod of ${role}`);
  return { role, spec, pod, container: pod.containers[0] };
});

const moduleOf = ({ apiVersion, kind }: Manifest): string => `kubernetes-models/${apiVersion}/${kind}`;
/** What the schema of the API says: types, required fields, values. */
const schemaFault = async (manifest: Manifest): Promise<string | undefined> => {
  const { [manifest.kind]: Model } = (await import(moduleOf(manifest))) as Record<string, new (data: Manifest) => { validate(): void }>;
  if (!Model) return `no model of ${manifest.kind}`;
  try {
    new Model(manifest).validate();
    return undefined;
  } catch (error) {
    return String(error);
  }
};

/** A field that the API does not know is refused by the types alone: an API server would drop it in silence. */
const typeFaults = (of: readonly Manifest[]): string => {
  const directory = takeDirectory('manifests');
  try {
    symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
    const lines = of.map(
      (one, i) =>
        `import type { I${one.kind} as M${i} } from '${moduleOf(one)}';\nexport const m${i}: M${i} = ${JSON.stringify(one, null, 1)};`,
    );
    mkdirSync(join(directory, 'src'));
    writeFileSync(join(directory, 'src/manifests.ts'), lines.join('\n'));
    const options = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--skipLibCheck',
      '--types',
      '',
      join(directory, 'src/manifests.ts'),
    ];
    return runProgram(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...options]).printed;
  } finally {
    removeDirectory(directory);
  }
};

describe('The manifests of Kubernetes', () => {
  it('fit the schemas of its API', async () => {
    const faults = await Promise.all(manifests.map(async (one) => [`${one.kind} ${one.metadata.name}`, await schemaFault(one)]));
    expect(faults.filter(([, fault]) => fault !== undefined)).to.deep.equal([]);
    expect(
      await schemaFault({
        ...named('Deployment', 'kept-bot'),
        spec: { ...named('Deployment', 'kept-bot').spec, replicas: 'two' as never },
      }),
    ).to.include('integer');
  });

  it('have no field that its API does not know', function () {
    this.timeout(60_000);
    expect(typeFaults(manifests)).to.equal('');
    const { spec } = named('Service', 'kept');
    expect(typeFaults([{ ...named('Service', 'kept'), spec: { ...spec, sessionAffinty: 'None' } as never }])).to.include('sessionAffinty');
  });

  it('are listed in the kustomization, but for the templates, and name no namespace', () => {
    const { resources } = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8')) as { readonly resources: readonly string[] };
    expect([...resources].sort()).to.deep.equal(FILES.filter((name) => !['secret.yaml', 'restore.yaml'].includes(name)).sort());
    for (const { metadata } of manifests) expect(metadata.namespace).to.equal(undefined);
  });

  it('run two bots and two workers, and let each be replaced one at a time', () => {
    expect(deployments.map(({ role, spec, container }) => [role, spec?.replicas, container.args])).to.deep.equal([
      ['bot', 2, ['bot']],
      ['worker', 2, ['worker']],
    ]);
    expect(deployments[0]?.spec?.strategy?.rollingUpdate.maxUnavailable, 'somebody answers all the time').to.equal(0);
    for (const { role, spec } of deployments) {
      expect(spec?.template?.metadata.labels).to.deep.equal(spec?.selector?.matchLabels);
      expect(named('PodDisruptionBudget', `kept-${role}`).spec?.selector?.matchLabels).to.deep.equal(spec?.selector?.matchLabels);
    }
    expect(named('Service', 'kept').spec).to.have.nested.property('ports[0].targetPort', 'http');
  });

  it('give nobody rights, and each its limits', () => {
    for (const { role, pod, container } of deployments) {
      expect(pod.securityContext, role).to.deep.include({ runAsNonRoot: true, runAsUser: 10001, fsGroup: 10001 });
      expect(container.securityContext, role).to.deep.equal({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(pod.automountServiceAccountToken, role).to.equal(false);
      expect(pod.enableServiceLinks, 'KEPT_PORT would be a variable of Kept').to.equal(false);
      expect(pod.terminationGracePeriodSeconds, role).to.be.greaterThan(40);
      expect(container.resources.limits.memory, role).to.be.a('string');
      expect(Object.keys(container.resources.requests).sort(), role).to.deep.equal(['cpu', 'memory']);
    }
  });

  it('ask whether a process lives, and whether a bot can answer', () => {
    const [bot, worker] = deployments;
    for (const { container } of deployments) {
      expect(container.startupProbe.httpGet).to.deep.equal({ path: '/health', port: 'http' });
      expect(container.livenessProbe.httpGet).to.deep.equal({ path: '/health', port: 'http' });
    }
    expect(bot?.container.readinessProbe.httpGet.path).to.equal('/health/ready');
    expect(bot?.container.ports[0]?.containerPort).to.equal(9000);
    const metrics = worker?.container.env.find(({ name }) => name === 'KEPT_METRICS_PORT')?.value;
    expect(String(worker?.container.ports[0]?.containerPort)).to.equal(metrics);
  });

  it('name variables, secrets and volumes that there are, and mount whole directories', () => {
    const secrets = new Map(ofKind('Secret').map(({ metadata, stringData = {} }) => [metadata.name, stringData]));
    for (const { role, pod, container } of deployments) {
      for (const { name, value } of container.env) {
        expect([...VARIABLE_NAMES, ...FILE_VARIABLES], name).to.include(name);
        if (!name.endsWith('_FILE')) continue;
        const [, place, key = ''] = /^(.+)\/(\w+)$/.exec(value) ?? [];
        const mount = container.volumeMounts.find(({ mountPath }) => mountPath === place);
        const volume = pod.volumes.find((one) => one.name === mount?.name);
        expect(secrets.get(volume?.secret?.secretName ?? ''), `${role} ${name}`).to.have.property(key, 'replace-me');
      }
      for (const { subPath } of container.volumeMounts) expect(subPath).to.equal(undefined);
      expect(container.volumeMounts.map(({ name }) => name).sort()).to.deep.equal(pod.volumes.map(({ name }) => name).sort());
      const maps = [
        ...pod.volumes.flatMap(({ configMap }) => configMap?.name ?? []),
        ...container.envFrom.map((one) => one.configMapRef.name),
      ];
      for (const name of maps) named('ConfigMap', name);
    }
    for (const name of Object.keys(named('ConfigMap', 'kept-env').data ?? {})) expect(VARIABLE_NAMES, name).to.include(name);
  });

  it('make backups on a volume that outlives pods, and none by the bots, whose data goes with them', () => {
    expect(named('ConfigMap', 'kept-env').data).to.have.property('KEPT_BACKUP_EVERY', 'elsewhere');
    const pod = named('CronJob', 'kept-backup').spec?.jobTemplate?.spec.template.spec ?? expect.fail('no pod');
    const [container] = pod.containers;
    const places = [...(container.command?.join(' ') ?? '').matchAll(/kept backup (\w+) --(?:to|in) (\S+)/g)];
    expect(places.map(([, command]) => command)).to.deep.equal(['create', 'prune']);
    for (const [, , place] of places) {
      const mount = container.volumeMounts.find(({ mountPath }) => mountPath === place);
      const claim =
        pod.volumes.find(({ name }) => name === mount?.name)?.persistentVolumeClaim?.claimName ?? expect.fail(`${place} is lost`);
      named('PersistentVolumeClaim', claim);
    }
    expect(container.volumeMounts.map(({ name }) => name).sort()).to.deep.equal(pod.volumes.map(({ name }) => name).sort());
    const bot = deployments[0] ?? expect.fail('no bot');
    expect(container.env.map(({ name }) => name)).to.deep.equal(['DATABASE_URL_FILE']);
    expect(bot.container.env).to.deep.include(container.env[0]);
    for (const key of ['securityContext', 'automountServiceAccountToken', 'enableServiceLinks'] as const)
      expect(pod[key], key).to.deep.equal(bot.pod[key]);
    expect(container.securityContext).to.deep.equal(bot.container.securityContext);
  });

  it('restore from the volume of backups, with the rights and the database of the job that makes them', () => {
    const made = named('CronJob', 'kept-backup').spec?.jobTemplate?.spec.template.spec ?? expect.fail('no pod');
    const pod = named('Job', 'kept-restore').spec?.template?.spec ?? expect.fail('no pod');
    const { args, volumeMounts, ...container } = pod.containers[0];
    const { command: _, volumeMounts: mounts, ...maker } = made.containers[0];
    expect(args).to.deep.equal(['backup', 'restore', '/backups/replace-me']);
    expect(container).to.deep.equal(maker);
    expect(volumeMounts.map(({ name, mountPath }) => [name, mountPath])).to.deep.equal(
      mounts.map(({ name, mountPath }) => [name, mountPath]),
    );
    expect({ ...pod, containers: [] }).to.deep.equal({ ...made, containers: [] });
  });

  it('bring a file of workspaces that loads', () => {
    const text = named('ConfigMap', 'kept-config').data?.['workspace_config.json'] ?? '';
    expect(readWorkspaceFile('workspace_config.json', text).problems).to.deep.equal([]);
  });
});
