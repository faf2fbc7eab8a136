import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { FILE_VARIABLES } from '../../src/config/environment.ts';
import { VARIABLE_NAMES } from '../../src/config/index.ts';
import { EXIT } from '../../src/main/failures.ts';
import { removeDirectory, takeDirectory } from '../support/own-directory.ts';
import { itWith, runProgram } from '../support/programs.ts';

const folder = fileURLToPath(new URL('../../deploy/systemd/', import.meta.url));
const UNITS = readdirSync(folder).filter((name) => name.endsWith('.service'));
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

/** Every setting of a unit, by section. Throws at a line that is none. */
const settingsOf = (text: string): ReadonlyMap<string, readonly string[]> => {
  const settings = new Map<string, string[]>();
  let section = '';
  for (const line of text.split('\n')) {
    if (/^\s*(#.*)?$/.test(line)) continue;
    const [, opened] = /^\[(\w+)\]$/.exec(line) ?? [];
    const [, name, value = ''] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? [];
    if (opened !== undefined) section = opened;
    else if (name !== undefined && section !== '')
      settings.set(`${section}.${name}`, [...(settings.get(`${section}.${name}`) ?? []), value]);
    else throw new Error(`no setting: ${line}`);
  }
  return settings;
};

/** 2.0 of 10: `systemd-analyze security` calls less than 4 "OK". */
const MOST_EXPOSED = 20;

describe('The units of systemd', () => {
  it('are one for all in one process, one for a bot, and one for each worker', () => {
    expect(UNITS.sort()).to.deep.equal(['kept-bot.service', 'kept-worker@.service', 'kept.service']);
    const started = UNITS.map((name) => settingsOf(read(name)).get('Service.ExecStart'));
    const [bot, worker, all] = started.map((lines) => lines?.join('\n'));
    expect([bot, all]).to.deep.equal(['/usr/local/bin/kept bot', '/usr/local/bin/kept start']);
    // The shell gives its place to Kept: signals and words to systemd are those of Kept itself.
    expect(worker).to.match(/^\/bin\/sh -c '[^']*exec \/usr\/local\/bin\/kept worker'$/);
  });

  it('give each worker a port of its own, whatever its number, and refuse what is no number', () => {
    const [command = ''] = settingsOf(read('kept-worker@.service')).get('Service.ExecStart') ?? [];
    const portOf = (instance: string, env: NodeJS.ProcessEnv = {}): { readonly status: number | null; readonly printed: string } => {
      const [, words = ''] = /^\/bin\/sh -c '(.*)'$/.exec(command) ?? expect.fail(`no shell: ${command}`);
      const script = words
        .replaceAll('%i', instance)
        .replaceAll('$$', '$')
        .replace('/usr/local/bin/kept worker', 'printenv KEPT_METRICS_PORT');
      const { status, stdout } = spawnSync('/bin/sh', ['-c', script], { encoding: 'utf8', env: { PATH: process.env.PATH, ...env } });
      return { status, printed: stdout.trim() };
    };
    for (const [instance, port] of Object.entries({ '1': '9101', '9': '9109', '10': '9110', '250': '9350' }))
      expect(portOf(instance), instance).to.deep.equal({ status: 0, printed: port });
    for (const instance of ['0', '-1', 'blue', '']) expect(portOf(instance), instance).to.deep.equal({ status: EXIT.config, printed: '' });
    expect(portOf('2', { KEPT_METRICS_PORT: '9555' }), 'a port of a drop-in counts').to.deep.equal({ status: 0, printed: '9555' });
  });

  for (const name of UNITS)
    it(`say in ${name} how it starts, reloads, lives and ends`, () => {
      const settings = settingsOf(read(name));
      const one = (setting: string): string => settings.get(`Service.${setting}`)?.join(' ') ?? '';
      expect(one('Type')).to.equal('notify');
      expect(one('NotifyAccess'), 'systemd-notify is a child of Kept').to.equal('all');
      expect(one('ExecReload')).to.equal('/bin/kill -HUP $MAINPID');
      expect(one('RestartPreventExitStatus')).to.equal(String(EXIT.config));
      expect(one('Restart')).to.equal('on-failure');
      expect(Number(one('WatchdogSec'))).to.be.greaterThan(10);
      expect(Number(one('TimeoutStopSec')), 'Kept ends by itself after 40 s').to.be.greaterThan(40);
      for (const setting of ['ProtectSystem=strict', 'NoNewPrivileges=yes', 'StateDirectory=kept', 'User=kept', 'CapabilityBoundingSet='])
        expect(read(name)).to.include(`\n${setting}\n`);
      expect(settings.has('Service.MemoryMax') && settings.has('Service.TasksMax')).to.equal(true);
      for (const [variable = ''] of one('Environment').matchAll(/\b[A-Z_]+(?==)/g))
        expect([...VARIABLE_NAMES, 'NODE_ENV', 'HOME'], variable).to.include(variable);
    });

  it('take each secret of secrets.conf from the place where systemd shows it', () => {
    const settings = settingsOf(read('secrets.conf'));
    const credentials = settings.get('Service.LoadCredential')?.map((value) => value.split(':')[0] ?? '') ?? [];
    const variables = settings.get('Service.Environment') ?? [];
    expect(variables).to.deep.equal(credentials.map((id) => `${id.toUpperCase()}_FILE=%d/${id}`));
    for (const variable of variables) expect(FILE_VARIABLES).to.include(variable.split('=')[0]);
  });

  itWith(
    'systemd-analyze',
    `are verified by systemd-analyze without a word, and are exposed by less than ${MOST_EXPOSED / 10} of 10`,
    (analyze) => {
      const directory = takeDirectory('units');
      const write = (name: string, text: string): string => {
        const path = join(directory, name);
        // It wants the program to be there.
        writeFileSync(path, text.replace('/usr/local/bin/kept', '/bin/true'));
        mkdirSync(`${path}.d`, { recursive: true });
        copyFileSync(join(folder, 'secrets.conf'), `${path}.d/secrets.conf`);
        return path;
      };
      try {
        for (const name of UNITS) {
          const path = write(name.replace('@.', '@1.'), read(name));
          expect(runProgram(analyze, ['verify', path]), name).to.deep.equal({ status: 0, printed: '' });
          const security = runProgram(analyze, ['security', '--offline=true', `--threshold=${MOST_EXPOSED}`, path]);
          expect(security.status, security.printed).to.equal(0);
        }
        // An unknown setting is no failure to it, but a word.
        expect(
          runProgram(analyze, ['verify', write('wrong.service', `${read('kept.service')}\n[Service]\nProtectSytem=strict\n`)]).printed,
        ).to.include('ProtectSytem');
        const open = read('kept.service').replaceAll(/^(Protect|Private|Restrict|NoNew|Capab|SystemCall|Lock|Remove)\w+=.*$/gm, '');
        expect(
          runProgram(analyze, ['security', '--offline=true', `--threshold=${MOST_EXPOSED}`, write('open.service', open)]).status,
        ).not.to.equal(0);
      } finally {
        removeDirectory(directory);
      }
    },
  );
});
