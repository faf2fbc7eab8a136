import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { validate } from 'dockerfile-utils';
import { stepsOf } from '../../scripts/dockerfile.ts';
import { listenHttp } from '../support/loopback.ts';
import { endWithUs, removeDirectory, takeDirectory } from '../support/own-directory.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const dockerfile = read('deploy/Dockerfile');
const faultsIn = (content: string): readonly string[] =>
  validate(content, {}).map(({ message, range }) => `${range.start.line + 1}: ${message}`);
/** The last stage is the image; those before it stay where it is built. */
const image = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));

describe('The image', () => {
  it('is made by a Dockerfile that a linter accepts', () => {
    expect(faultsIn(dockerfile)).to.deep.equal([]);
    expect(faultsIn(dockerfile.replace('USER ', 'USR '))).not.to.deep.equal([]);
  });

  it('stands on a base that may be replaced, and is built from the lock file, without packages of development', () => {
    expect(dockerfile).to.match(/^ARG BASE=node:24-bookworm-slim$/m);
    expect([...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base)).to.deep.equal([
      '${' + 'BASE}',
      '${' + 'BASE}',
      '${' + 'BASE}',
    ]);
    expect(image).not.to.match(/npm|apt|curl/);
    expect(image).to.include('COPY --from=packages /app/node_modules');
    expect(dockerfile).to.match(/AS packages\n[\s\S]*RUN npm ci --omit=dev/);
  });

  it('runs as a user with a number, without a shell of its own, ends by SIGTERM, and is asked how it is', () => {
    expect(image).to.match(/^USER 10001:10001$/m);
    expect(image).to.match(/^STOPSIGNAL SIGTERM$/m);
    expect(image).to.match(/^HEALTHCHECK .* CMD \["node", "\/app\/healthcheck\.mjs"\]$/m);
    expect(image).to.match(/^VOLUME \["\/data", "\/config"\]$/m);
    expect(image).to.match(/^ENV .*ENVIRONMENT=production/m);
    // A new volume takes owner and rights of the directory that it is mounted over; where there is none, it is root's.
    const [, owned = ''] = /chown 10001:10001 ([^&\\]+)/.exec(image) ?? [];
    for (const place of ['/data', '/data/backups', '/config', '/workspaces']) {
      expect(owned.trim().split(' '), place).to.include(place);
      expect(/mkdir -p ([^&\\]+)/.exec(image)?.[1]?.trim().split(' '), place).to.include(place);
    }
  });

  it('is built from what the builder is given, and the builder is given nothing else', () => {
    const [everything, ...given] = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(everything).to.equal('*');
    const paths = given.map((line) => line.replace(/^!/, ''));
    for (const path of paths) expect(existsSync(join(root, path)), path).to.equal(true);
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, from = '']) => from.split(' '));
    for (const path of copied)
      expect(
        paths.some((one) => one === path || path.startsWith(`${one}/`) || one.startsWith(`${path}/`)),
        path,
      ).to.equal(true);
    for (const path of ['.env', 'data', '.git', 'test', 'docs', 'node_modules', 'config']) expect(paths, path).not.to.include(path);
    // What runs in there while it is built is there.
    const scripts = paths.filter((path) => path.startsWith('scripts/')).map((path) => path.slice('scripts/'.length));
    for (const name of scripts)
      for (const [, needed = ''] of read(`scripts/${name}`).matchAll(/^import (?!type).* from '\.\/(\S+)';$/gm))
        expect(scripts, name).to.include(needed);
  });

  it('has the version of the package', () => {
    const { version } = JSON.parse(read('package.json')) as { readonly version: string };
    expect(dockerfile).to.include(`ARG VERSION=${version}`);
    expect(read('deploy/docker-compose.yml')).to.include(`localhost/kept:${version}`);
    for (const name of ['bot', 'worker']) expect(read(`deploy/kubernetes/${name}.yaml`)).to.include(`image: kept:${version}\n`);
  });
});

describe('The health check of the image', () => {
  const ask = async (env: NodeJS.ProcessEnv) => {
    const child = spawn(process.execPath, [join(root, 'deploy/image/healthcheck.mjs')], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    endWithUs(child);
    const [complaint, [code]] = await Promise.all([text(child.stderr), once(child, 'exit') as Promise<[number]>]);
    return { code, complaint };
  };
  const unused = async (): Promise<string> => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { readonly port: number };
    await new Promise((resolve) => server.close(resolve));
    return String(port);
  };

  it('is passed by whoever answers /health by 200, at the port of the bot or of a worker’s metrics', async () => {
    const asked: (string | undefined)[] = [];
    const { url, close } = await listenHttp((request, response) => {
      asked.push(request.url);
      response.writeHead(request.url === '/health' ? 200 : 404).end();
    });
    const { port } = new URL(url);
    try {
      expect(await ask({ PORT: port, HOST: '0.0.0.0' })).to.deep.equal({ code: 0, complaint: '' });
      expect(await ask({ PORT: await unused(), KEPT_METRICS_PORT: port })).to.deep.equal({ code: 0, complaint: '' });
      expect(asked).to.deep.equal(['/health', '/health']);
    } finally {
      await close();
    }
  });

  it('is failed by nobody, and by whoever answers otherwise', async () => {
    const port = await unused();
    expect(await ask({ PORT: port })).to.deep.equal({ code: 1, complaint: `nobody answers GET /health at port ${port}\n` });
    const { url, close } = await listenHttp((_, response) => void response.writeHead(503).end());
    try {
      expect((await ask({ PORT: new URL(url).port })).code).to.equal(1);
    } finally {
      await close();
    }
  });
});

describe('The first process of the image', () => {
  const entrypoint = read('deploy/image/entrypoint');

  it('is executable, and a shell that only beside a service stays', () => {
    expect(entrypoint).to.match(/^#!\/bin\/sh\n/);
  });

  it('hands signals on to a service until that has ended, and ends with its code', async () => {
    const directory = takeDirectory('entrypoint');
    try {
      // A service that takes its time, and whoever is not the first process, who would give way to it.
      const service = join(directory, 'service.mjs');
      writeFileSync(
        service,
        `let heard = 0;
         process.on('SIGTERM', () => { heard++; if (heard === 2) process.exit(7); });
         process.on('SIGHUP', () => console.log('hup'));
         console.log('ready');
         setInterval(() => undefined, 1000);`,
      );
      const script = join(directory, 'entrypoint');
      const ours = entrypoint.replaceAll('/app/dist/main/kept.js', service).replace(/^\[ \$\$ -eq 1 \].*$/m, '');
      writeFileSync(script, ours.replaceAll('node ', `'${process.execPath}' `));
      chmodSync(script, 0o755);
      const child = spawn(script, ['start'], { stdio: ['ignore', 'pipe', 'inherit'] });
      endWithUs(child);
      const exited = once(child, 'exit') as Promise<[number | null]>;
      const lines: string[] = [];
      const heard = async (word: string): Promise<void> => {
        while (!lines.includes(word)) {
          const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
          lines.push(...chunk.toString().split('\n'));
        }
      };
      await heard('ready');
      child.kill('SIGHUP');
      await heard('hup');
      child.kill('SIGTERM');
      child.kill('SIGHUP');
      lines.length = 0;
      await heard('hup');
      child.kill('SIGTERM');
      expect((await exited)[0]).to.equal(7);
    } finally {
      removeDirectory(directory);
    }
  });
});

describe('The steps of the image', () => {
  it('are read stage by stage, over lines that go on, without comments', () => {
    const text =
      'ARG BASE=x\nFROM x AS packages\nCOPY a b ./\n# why\nRUN one \\\n  && two\nFROM x\nCOPY --from=packages /app/n /app/n\nUSER 1\n';
    expect(stepsOf(text, 'packages')).to.deep.equal([
      { kind: 'copy', sources: ['a', 'b'], target: './' },
      { kind: 'run', command: 'one && two' },
    ]);
    expect(stepsOf(text)).to.deep.equal([{ kind: 'copy', from: 'packages', sources: ['/app/n'], target: '/app/n' }]);
    expect(() => stepsOf(text, 'nobody')).to.throw('no stage nobody');
  });
});
