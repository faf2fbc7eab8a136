import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { DCLinter } from 'dclint';
import { parse } from 'yaml';
import { FILE_VARIABLES } from '../../src/config/environment.ts';
import { VARIABLE_NAMES } from '../../src/config/index.ts';
import { COMPOSE_PATH, composeFile, keptServices } from '../support/compose-file.ts';
import { removeDirectory, takeDirectory } from '../support/own-directory.ts';
import { itWith, runProgram } from '../support/programs.ts';

const place = (name: string): string => fileURLToPath(new URL(`../../deploy/${name}`, import.meta.url));
const read = (name: string): string => readFileSync(place(name), 'utf8');

/** Rules about the order of things and the kind of quotes, which are ours. */
const OF_STYLE = /order|alphabetical|quotes/;
interface Linter {
  lintFiles(paths: readonly string[], recursive: boolean): readonly { readonly messages: readonly Message[] }[];
}
interface Message {
  readonly rule: string;
  readonly line: number;
  readonly message: string;
}
const linter: Linter = new DCLinter({ rules: {}, quiet: false, debug: false, exclude: [] });
const faultsIn = (path: string): readonly string[] =>
  linter
    .lintFiles([path], false)
    .flatMap(({ messages }) => messages)
    .filter(({ rule }) => !OF_STYLE.test(rule))
    .map(({ rule, line, message }) => `${line}: ${rule}: ${message}`);

describe('The compose file', () => {
  const compose = composeFile();
  const services = Object.entries(compose.services);
  const kept = keptServices(compose);

  it('is one, by its schema and the rules of a linter', () => {
    expect(faultsIn(fileURLToPath(COMPOSE_PATH))).to.deep.equal([]);
  });

  it('is refused with a key that compose does not know, a wrong type, or a service twice', () => {
    const directory = takeDirectory('compose');
    const path = join(directory, 'docker-compose.yml');
    try {
      for (const text of ['services: { a: { image: "a:1", restrat: always } }', 'services: { a: { image: 7 } }']) {
        writeFileSync(path, text);
        expect(faultsIn(path), text).not.to.deep.equal([]);
      }
    } finally {
      removeDirectory(directory);
    }
  });

  it('runs a bot, one that stands by, and workers, as the same image with other words', () => {
    expect(kept.map(({ name, role, count }) => `${name}: ${role} × ${count}`)).to.deep.equal([
      'bot: bot × 1',
      'standby: bot × 1',
      'worker: worker × 2',
    ]);
    expect(new Set(kept.map(({ service }) => service.image)).size).to.equal(1);
    // Each has logs and locks of its own.
    const data = kept.map(({ service: { volumes = [] } }) => volumes.find((volume) => /(^|:)\/data$/.test(volume)));
    expect(new Set(data).size).to.equal(data.length);
    // Whichever bot leads makes the backups, and after it the other one: both into one place.
    for (const { name, role, service } of kept)
      expect((service.volumes ?? []).includes('backups:/data/backups'), name).to.equal(role === 'bot');
  });

  it('publishes no port but that of the bot, on loopback', () => {
    const ports = services.flatMap(([name, { ports: of = [] }]) => of.map((port) => `${name} ${port}`));
    expect(ports).to.have.length(1);
    expect(ports[0]).to.match(/^bot 127\.0\.0\.1:/);
  });

  it('limits what each service may take and write to its log, restarts it, and lets it gain no rights', () => {
    for (const [name, { deploy, logging, restart, security_opt: security = [] }] of services) {
      expect(Object.keys(deploy?.resources.limits ?? {}).sort(), name).to.deep.equal(['cpus', 'memory']);
      expect(logging?.options['max-size'], name).to.equal('10m');
      expect(restart, name).to.equal('unless-stopped');
      expect(security, name).to.include('no-new-privileges:true');
    }
    for (const { name, service } of kept) {
      expect(service.user, name).to.equal('10001:10001');
      expect(service.read_only, name).to.equal(true);
      expect(service.cap_drop, name).to.deep.equal(['ALL']);
      expect(Number.parseInt(service.stop_grace_period ?? '', 10), name).to.be.greaterThan(40);
      expect(service.depends_on?.postgres?.condition, name).to.equal('service_healthy');
    }
    // The image of Kept brings its own.
    for (const [name, service] of services.filter(([name]) => !kept.some((one) => one.name === name)))
      expect(service, name).to.have.property('healthcheck');
  });

  it('hands over secrets as files alone, each of which exists as one, and names variables that there are', () => {
    const used = new Set(services.flatMap(([, { secrets = [] }]) => secrets));
    expect([...used].sort()).to.deep.equal(Object.keys(compose.secrets).sort());
    for (const { service } of kept)
      for (const [name, value] of Object.entries(service.environment ?? {})) {
        expect([...VARIABLE_NAMES, ...FILE_VARIABLES], name).to.include(name);
        if (!name.endsWith('_FILE')) continue;
        const secret = /^\/run\/secrets\/(\w+)$/.exec(value)?.[1] ?? '';
        expect(service.secrets, name).to.include(secret);
        expect(`${secret}_file`).to.equal(name.toLowerCase());
      }
  });

  it('lets the internet reach nobody who needs it not, and the proxy of this machine be believed', () => {
    expect(compose.networks.inside?.internal).to.equal(true);
    const outside = services.filter(([, { networks = [] }]) => networks.includes('outside')).map(([name]) => name);
    expect(outside.sort()).to.deep.equal(['alertmanager', 'bot', 'standby', 'worker']);
    const gateway = compose.networks.outside?.ipam?.config[0]?.gateway;
    for (const { service } of kept) expect(service.environment?.KEPT_TRUSTED_PROXIES).to.equal(gateway);
  });

  it('names volumes and files that there are', () => {
    for (const [, { volumes = [] }] of services)
      for (const volume of volumes) {
        const [source = ''] = volume.split(':');
        if (source.startsWith('./') && source !== './config') expect(existsSync(place(source)), volume).to.equal(true);
        else if (!/^[./]/.test(source)) expect(compose.volumes, volume).to.have.property(source);
      }
  });

  it('has Prometheus read each process of Kept, and tell Alertmanager', () => {
    const { scrape_configs: jobs, alerting } = parse(read('prometheus/compose.yml')) as {
      readonly scrape_configs: readonly {
        readonly static_configs: readonly { readonly targets: readonly string[] }[];
        readonly dns_sd_configs: readonly { names: string[]; port: number }[];
      }[];
      readonly alerting: {
        readonly alertmanagers: readonly { readonly static_configs: readonly { readonly targets: readonly string[] }[] }[];
      };
    };
    const targets = jobs.flatMap((job) => job.static_configs.flatMap((one) => one.targets));
    expect(targets).to.deep.equal(kept.filter(({ role }) => role === 'bot').map(({ name }) => `${name}:9000`));
    expect(jobs.flatMap((job) => job.dns_sd_configs))
      .to.have.nested.property('[0].names')
      .that.deep.equals(['worker']);
    expect(String(jobs[0]?.dns_sd_configs[0]?.port)).to.equal(compose.services.worker?.environment?.KEPT_METRICS_PORT);
    expect(alerting.alertmanagers[0]?.static_configs[0]?.targets).to.deep.equal(['alertmanager:9093']);
  });

  itWith('promtool', 'has a file of Prometheus that promtool accepts', (promtool) => {
    const directory = takeDirectory('prometheus');
    try {
      // It wants to read the file of the token.
      const token = join(directory, 'token');
      writeFileSync(token, 'x');
      writeFileSync(join(directory, 'rules.yml'), read('prometheus/rules.yml'));
      writeFileSync(join(directory, 'prometheus.yml'), read('prometheus/compose.yml').replace('/run/secrets/kept_api_token', token));
      expect(runProgram(promtool, ['check', 'config', join(directory, 'prometheus.yml')])).to.include({ status: 0 });
    } finally {
      removeDirectory(directory);
    }
  });

  itWith('amtool', 'has a file of Alertmanager that amtool accepts', (amtool) => {
    expect(runProgram(amtool, ['check-config', place('alertmanager/alertmanager.yml')])).to.include({ status: 0 });
  });
});
