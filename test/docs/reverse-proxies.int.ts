import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { generateCACertificate } from 'mockttp';
import { until } from '../support/chat-api.ts';
import { makeScriptedApi } from '../support/http-api.ts';
import { closeAll, JSON_TYPE, makeOpen, rawRequest } from '../support/http-client.ts';
import { endWithUs } from '../support/own-directory.ts';
import { itWith, type Program } from '../support/programs.ts';
import { TOKEN } from '../support/sign-in.ts';

const guide = readFileSync(new URL('../../docs/how-to/serve-beyond-this-machine.md', import.meta.url), 'utf8');
/** The example of the guide in that language. */
const exampleIn = (language: string): string => new RegExp(`\`\`\`${language}\\n([^\`]*)\`\`\``).exec(guide)?.[1] ?? '';

const NAME = 'kept.example.org';
/** Another address of this machine than that of the proxy, which is trusted. */
const CLIENT = '127.0.0.2';

interface Site {
  readonly dir: string;
  readonly port: number;
  readonly upstream: string;
}

/** The example, with the ports and certificates of the test in the place of its own. */
const PROXIES: Readonly<
  Record<'nginx' | 'caddy', { readonly config: (site: Site) => string; readonly args: (path: string, dir: string) => readonly string[] }>
> = {
  nginx: {
    config: ({ dir, port, upstream }) => {
      const server = exampleIn('nginx')
        .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
        .replace('http://127.0.0.1:9000', upstream)
        .replaceAll('/etc/kept/', `${dir}/`);
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${dir}/${kind};`).join('\n');
      return `daemon off; user root; pid ${dir}/pid; events {}\nhttp {\naccess_log off;\n${temporary}\n${server}}\n`;
    },
    args: (path, dir) => ['-p', dir, '-e', 'stderr', '-c', path],
  },
  caddy: {
    config: ({ dir, port, upstream }) => {
      const server = exampleIn('caddyfile')
        .replace(`${NAME} {`, `https://${NAME}:${port} {\n\ttls ${dir}/tls.crt ${dir}/tls.key\n`)
        .replace('127.0.0.1:9000', new URL(upstream).host);
      return `{\n\tadmin off\n\tauto_https disable_redirects\n\tgrace_period 1s\n\tdefault_bind 127.0.0.1\n}\n${server}`;
    },
    args: (path) => ['run', '--adapter', 'caddyfile', '--config', path],
  },
};

describe('The reverse proxies of the guide', function () {
  this.timeout(60_000);
  const closers: (() => Promise<unknown>)[] = [];
  const open = makeOpen(closers);
  afterEach(() => closeAll(closers));

  const freePort = async (): Promise<number> => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    return port;
  };

  const start = async (program: keyof typeof PROXIES, path: string) => {
    const port = await freePort();
    const told: [string, boolean][] = [];
    const server = await open(
      {
        apiToken: TOKEN,
        trustedProxies: ['127.0.0.1'],
        corsOrigins: [`https://${NAME}:${port}`],
        onToken: (...one) => told.push(one),
      },
      makeScriptedApi(),
    );
    const dir = mkdtempSync(join(tmpdir(), 'kept-proxy-'));
    closers.push(async () => rmSync(dir, { recursive: true }));
    const { cert, key } = await generateCACertificate();
    writeFileSync(join(dir, 'tls.crt'), cert);
    writeFileSync(join(dir, 'tls.key'), key);
    const { config, args } = PROXIES[program];
    writeFileSync(join(dir, 'config'), config({ dir, port, upstream: server.url }));
    const env = { PATH: process.env.PATH, HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir };
    const child: ChildProcess = spawn(path, args(join(dir, 'config'), dir), { env, stdio: ['ignore', 'ignore', 'pipe'] });
    endWithUs(child);
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    closers.push(async () => {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    });
    const origin = `https://${NAME}:${port}`;
    const to = { servername: NAME, localAddress: CLIENT };
    const headers = (more: Record<string, string> = {}) => ({ host: `${NAME}:${port}`, origin, 'sec-fetch-site': 'same-origin', ...more });
    const ask = (method: string, at: string, more: Record<string, string> = {}, body = '') =>
      rawRequest(
        `https://127.0.0.1:${port}${at}`,
        { ...to, method, headers: headers(body === '' ? more : { ...JSON_TYPE, ...more }) },
        body,
      );
    await until(`${program}: ${said}`, async () => {
      if (child.exitCode !== null) throw new Error(said);
      return (await ask('GET', '/health').catch(() => undefined))?.status === 200;
    });
    const stream = (cookie: string) =>
      request(`https://127.0.0.1:${port}/api/v1/chat/stream`, {
        ...to,
        agent: false,
        rejectUnauthorized: false,
        headers: headers({ cookie }),
      });
    return { ...server, told, ask, stream };
  };

  for (const program of Object.keys(PROXIES) as (keyof typeof PROXIES)[])
    itWith(
      program satisfies Program,
      `let people sign in, write and follow through ${program}, each by their own address`,
      async (path) => {
        const { ask, stream, told, say } = await start(program, path);
        // What the client claims of itself is not believed.
        const claim = { 'x-forwarded-for': '192.0.2.9', 'x-forwarded-proto': 'http' };
        const signed = await ask('POST', '/api/v1/session', claim, JSON.stringify({ token: TOKEN }));
        expect(signed.status, signed.body).to.equal(200);
        expect(told).to.deep.equal([[CLIENT, true]]);
        expect(signed.headers['set-cookie']?.[0]).to.match(/^__Host-kept-.*; Secure$/);
        expect(signed.headers['strict-transport-security']).to.equal('max-age=31536000');
        const cookie = signed.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
        const { csrfToken } = JSON.parse(signed.body) as { readonly csrfToken: string };
        const posted = await ask('POST', '/api/v1/chat/messages', { cookie, 'x-csrf-token': csrfToken }, '{"text":"hi"}');
        expect(posted.status, posted.body).to.equal(202);
        expect((await ask('POST', '/api/v1/chat/messages', { cookie }, '{"text":"hi"}')).status).to.equal(403);

        const following = stream(cookie);
        const heard = new Promise<void>((resolve, reject) => {
          following
            .once('response', (answer) => {
              answer.on('data', (chunk: Buffer) => {
                // The head comes at once, and an event as it happens: nothing is held back.
                if (chunk.includes('retry:')) void say('through the proxy');
                if (chunk.includes('through the proxy')) resolve();
              });
            })
            .once('error', reject);
        });
        following.end();
        await heard;
        following.destroy();

        for (let n = 0; n < 12; n++) await ask('POST', '/api/v1/session', {}, JSON.stringify({ token: `guess ${n}` }));
        expect((await ask('POST', '/api/v1/session', {}, JSON.stringify({ token: 'guess' }))).status).to.equal(429);
        expect(new Set(told.map(([address]) => address))).to.deep.equal(new Set([CLIENT]));
      },
    );
});
