import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile, readlink, rm } from 'node:fs/promises';
import { expect } from 'chai';
import { runDemo } from '../../src/main/demo/run-demo.ts';
import { StepError } from '../../src/main/demo/stage.ts';
import { STEPS } from '../../src/main/demo/steps.ts';
import { until } from '../support/chat-api.ts';
import { KEPT } from '../support/kept-process.ts';
import { endWithUs } from '../support/own-directory.ts';

/** Runs `kept demo`, and resolves to how it ended and what it printed. */
const demo = async (...words: readonly string[]) => {
  const { PATH, HOME, TMPDIR, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [KEPT, 'demo', ...words], { env: { PATH, HOME, TMPDIR, NODE_COMPILE_CACHE } });
  endWithUs(child);
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  return { child, printed: () => printed, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, printed })) };
};

/** The processes that work in this directory. */
const processesIn = async (directory: string): Promise<readonly string[]> => {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const places = await Promise.all(ids.map((id) => readlink(`/proc/${id}/cwd`).catch(() => '')));
  return ids.filter((_, at) => places[at]?.startsWith(directory));
};

const rootIn = (printed: string): string => /The demonstration runs in (\S+)\. /.exec(printed)?.[1] ?? '';

describe('kept demo', () => {
  it('shows every agent and tool at work, and leaves nothing behind', async function () {
    this.timeout(120_000);
    const { code, printed } = await (await demo()).ended;
    expect(printed).to.include('Every step worked.').and.not.include('FAILED');
    expect(printed.match(/^\d+\/\d+ ok /gm)).to.have.length(STEPS.length);
    expect(code).to.equal(0);
    expect(existsSync(rootIn(printed)), 'its directory').to.equal(false);
  });

  it('ends at once, with exit code 1, if it is interrupted', async function () {
    this.timeout(60_000);
    const { child, ended, printed } = await demo();
    while (!/^1\/\d/m.test(printed())) await once(child.stdout, 'data');
    child.kill('SIGINT');
    const interruptedAt = performance.now();
    const { code, printed: all } = await ended;
    expect(all).to.include('Ended early.').and.not.include('FAILED');
    expect(code).to.equal(1);
    expect(performance.now() - interruptedAt, 'how long it took to end').to.be.lessThan(15_000);
    expect(existsSync(rootIn(all)), 'its directory').to.equal(false);
  });

  it('leaves no process behind when it is killed', async function () {
    this.timeout(60_000);
    if (process.platform !== 'linux') this.skip();
    const { child, ended, printed } = await demo();
    while (!/^1\/\d/m.test(printed())) await once(child.stdout, 'data');
    const root = rootIn(printed());
    // Kept, and its MCP server.
    expect(await processesIn(root)).to.have.length.greaterThan(1);
    child.kill('SIGKILL');
    await ended;
    await until('the end of every process', async () => (await processesIn(root)).length === 0, 10_000);
    await rm(root, { recursive: true, force: true });
  });

  it('counts a step that fails, goes on, and leaves the log', async function () {
    this.timeout(60_000);
    const lines: string[] = [];
    const failed = await runDemo({
      keep: false,
      signal: new AbortController().signal,
      print: (line) => lines.push(line),
      steps: [
        { title: 'an answer that does not fit', run: async (stage) => void (await stage.say('list files', /no such file/)) },
        { title: 'a step that is not there', run: () => Promise.reject(new StepError('nothing to show')) },
        { title: 'an answer that fits', run: async (stage) => void (await stage.say('list files', /README\.md/)) },
      ],
    });
    expect(failed).to.equal(2);
    const root = rootIn(lines.join('\n'));
    const log = await readFile(`${root}/logs/agent_demo.log`, 'utf8');
    expect(log).to.include('1/3 FAILED  an answer that does not fit').and.include('2/3 FAILED').and.include('3/3 ok');
    expect(log).to.include('You:  list files').and.include('README.md');
    await rm(root, { recursive: true, force: true });
  });
});
