import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadProcessConfig } from '../../src/config/process-config.ts';
import { runDemo } from '../../src/main/demo/run-demo.ts';
import { makeDemoSite, nodeRunning } from '../../src/main/demo/site.ts';
import { startLocalServer } from '../../src/main/demo/stand-ins/local-server.ts';
import type { Step } from '../../src/main/demo/steps.ts';
import { until } from '../support/chat-api.ts';

const readIfThere = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);

describe('The parts of kept demo', () => {
  it('are configured without a problem, also where Kept lies in a directory with blanks', async () => {
    const place = await mkdtemp(join(tmpdir(), 'my programs '));
    const command = join(place, 'node');
    await symlink(process.execPath, command);
    const stands = { notionUrl: 'http://127.0.0.1:9', searchUrl: 'http://127.0.0.1:9' };
    const site = await makeDemoSite(stands, (name) => ({ ...nodeRunning(name), command }));
    const loaded = loadProcessConfig(site.env, site.root);
    await site.remove();
    await rm(place, { recursive: true });
    const agent = { kind: 'acp', command: [command, ...nodeRunning('coding-agent').args] };
    expect(loaded.ok && loaded.value.coding.agent).to.deep.equal(agent);
  });

  it('end a Kept that hangs at its start, and hear Ctrl-C meanwhile', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'kept-hanging-'));
    const kept = join(directory, 'hangs.mjs');
    await writeFile(kept, 'setInterval(() => undefined, 1_000);\n');
    const lines: string[] = [];
    const never = new AbortController().signal;
    const hanging = { keep: false, steps: [], print: (line: string) => void lines.push(line) };
    expect(await runDemo({ ...hanging, signal: never, start: { kept, startMs: 500 } })).to.equal(1);
    expect(lines.join('\n')).to.match(/^Kept did not start within 1 s: /m);
    await rm(/left in (\S+)/.exec(lines.join('\n'))?.[1] ?? '', { recursive: true });
    const quit = new AbortController();
    const print = (line: string): void => {
      lines.push(line);
      setImmediate(() => quit.abort());
    };
    lines.length = 0;
    expect(await runDemo({ ...hanging, print, signal: quit.signal, start: { kept } })).to.equal(0);
    expect(lines).to.have.length(1);
    await rm(directory, { recursive: true });
  });

  it('remove the directories of demonstrations that were killed, and no others', async () => {
    const stands = { notionUrl: 'http://127.0.0.1:9', searchUrl: 'http://127.0.0.1:9' };
    const [killed, running, left] = [await makeDemoSite(stands), await makeDemoSite(stands), await makeDemoSite(stands)];
    const gone = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await once(gone, 'exit');
    await writeFile(join(killed.root, 'demo.pid'), String(gone.pid));
    await left.leave();
    const next = await makeDemoSite(stands);
    expect([killed, running, left, next].map(({ root }) => existsSync(root))).to.deep.equal([false, true, true, true]);
    expect(existsSync(join(left.root, 'demo.pid'))).to.equal(false);
    await Promise.all([running, left, next].map((site) => site.remove()));
  });

  it('leave no stand-in open where there is no place for the files', async () => {
    const servers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length;
    const before = servers();
    const { TMPDIR } = process.env;
    process.env.TMPDIR = '/nowhere/at/all';
    const ended = runDemo({ keep: false, steps: [], print: () => undefined, signal: new AbortController().signal });
    const error = await ended.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
    expect(String(error)).to.match(/can't have its files in \/nowhere\/at\/all \(ENOENT.*\): set TMPDIR to a directory/);
    // The handles of closed servers go a little later.
    await until('the end of the stand-ins', async () => servers() === before, 5_000);
  });

  it('remove the directory that can not be made whole', async () => {
    let root = '';
    const stands = { notionUrl: 'http://127.0.0.1:9', searchUrl: 'http://127.0.0.1:9' };
    const full = (): never => {
      const sites = readdirSync(tmpdir()).filter((name) => name.startsWith('kept-demo-'));
      root = sites.find((name) => readIfThere(join(tmpdir(), name, 'demo.pid')) === String(process.pid)) ?? '';
      throw new Error('no space left on device');
    };
    const error = await makeDemoSite(stands, full).catch((reason: unknown) => reason);
    expect(String(error)).to.include('no space left');
    expect(root).to.match(/^kept-demo-/);
    expect(existsSync(join(tmpdir(), root))).to.equal(false);
  });

  it('go on without a log that can not be written, and say so once', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'kept-starting-'));
    const kept = join(directory, 'starts.mjs');
    await writeFile(kept, "process.send({ url: 'http://127.0.0.1:9' });\nsetInterval(() => undefined, 1_000);\n");
    const lines: string[] = [];
    const lose: Step = {
      title: 'one that loses the log',
      run: async ({ site }) => {
        await rm(site.logFile, { force: true });
        await mkdir(site.logFile);
      },
    };
    const asks: Step = { title: 'one that runs a command', run: async (stage) => void (await stage.run('--version')) };
    const failed = await runDemo({
      keep: false,
      steps: [lose, asks],
      print: (line) => void lines.push(line),
      signal: new AbortController().signal,
      start: { kept },
    });
    expect(failed).to.equal(0);
    expect(lines.filter((line) => /^The log has gaps: .*agent_demo\.log can't be written \(EISDIR/.test(line))).to.have.length(1);
    expect(lines.at(-1)).to.match(/^2\/2 ok /);
    await rm(directory, { recursive: true });
  });

  it('go on when a request to a stand-in breaks off', async () => {
    const server = await startLocalServer(() => ({ status: 200, body: 'well' }));
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\nhalf');
    // The stand-in reads the body then.
    await once(socket, 'data');
    socket.destroy();
    await once(socket, 'close');
    expect(await (await fetch(server.url)).json()).to.equal('well');
    await server.close();
  });
});
