import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { makeAcpAgent } from '../../../src/adapters/acp/index.ts';
import { findBubblewrap, makeStartChild } from '../../../src/adapters/child-process/index.ts';
import type { CodingResult, CodingRun } from '../../../src/ports/index.ts';
import { type CodingSite, makeCodingSite } from '../../support/coding-site.ts';

const AGENT = fileURLToPath(new URL('../../fakes/acp/agent.ts', import.meta.url));
const bubblewrap = await findBubblewrap(process.env.PATH ?? '');

describe('An agent of ACP that misbehaves', () => {
  let site: CodingSite;
  beforeEach(async () => {
    site = await makeCodingSite();
  });
  afterEach(() => site.remove());

  const run = (
    steps: readonly object[],
    change: Partial<CodingRun> = {},
    {
      command = [process.execPath, AGENT],
      beginMs,
      contained = false,
    }: { readonly command?: readonly [string, ...string[]]; readonly beginMs?: number; readonly contained?: boolean } = {},
  ): Promise<CodingResult> =>
    makeAcpAgent({
      command,
      env: { PATH: process.env.PATH ?? '', GIVEN: 'this' },
      homeFor: async () => site.home,
      hidden: [`${site.root}/hidden`],
      start: makeStartChild(contained ? bubblewrap : undefined),
      ...(beginMs === undefined ? {} : { beginMs }),
    }).run(
      {
        instruction: `Do this: ${JSON.stringify(steps)}`,
        workspace: site.workspace,
        limits: { maxTurns: 20 },
        signal: new AbortController().signal,
        ...change,
      },
      { onProgress: () => undefined, onPermission: site.onPermission },
    );
  const failureOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'it did not fail',
      (error: unknown) => error,
    );
  const aborted = async (steps: readonly object[]): Promise<number> => {
    const abort = new AbortController();
    const work = failureOf(run(steps, { signal: abort.signal }));
    while ((await site.read('begun.txt')) === undefined) await after(10);
    const at = performance.now();
    abort.abort();
    expect(await work).to.include({ code: 'aborted' });
    return performance.now() - at;
  };

  it('is ended within three seconds if it ignores the cancel and SIGTERM', async () => {
    expect(await aborted([{ do: 'write', path: 'begun.txt', text: 'x' }, { do: 'ignore' }])).to.be.below(3_000);
    expect(await site.processes()).to.equal(0);
  });

  it('is ended within three seconds if it does not even read that it is cancelled', async () => {
    const deaf = `
      const lines = require('node:readline').createInterface({ input: process.stdin });
      lines.on('line', (line) => {
        const { id, method } = JSON.parse(line);
        const result = method === 'initialize' ? { protocolVersion: 1, agentCapabilities: {} } : { sessionId: 'one' };
        process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n');
        if (method === 'session/new') process.stdin.pause();
      });
      setInterval(() => undefined, 1000);`;
    const abort = new AbortController();
    const agent = makeAcpAgent({
      command: [process.execPath, '-e', deaf],
      env: { PATH: process.env.PATH ?? '' },
      homeFor: async () => site.home,
      hidden: [],
      start: makeStartChild(),
    });
    const work = failureOf(
      agent.run(
        { instruction: 'x'.repeat(2_000_000), workspace: site.workspace, limits: { maxTurns: 20 }, signal: abort.signal },
        {
          onProgress: () => undefined,
          onPermission: site.onPermission,
          // The instruction is on its way then, and fills the pipe.
          onSession: async () => void setImmediate(() => abort.abort()),
        },
      ),
    );
    expect(await work).to.include({ code: 'aborted' });
    expect(await site.processes()).to.equal(0);
  }).timeout(4_000);

  it('fails for now, with its last words, if it dies', async () => {
    const error = await failureOf(run([{ do: 'die' }]));
    expect(error).to.include({ code: 'unavailable', retryable: true });
    expect((error as Error).message)
      .to.include('SIGKILL')
      .and.include('the agent fell over');
  });

  it('fails if it floods its output with one endless message', async () => {
    expect(await failureOf(run([{ do: 'flood' }]))).to.have.property('code');
    expect(await site.processes()).to.equal(0);
  });

  it('fails in time if it never begins, or is no agent, or is not there', async () => {
    const silent = [process.execPath, '-e', 'setInterval(() => undefined, 1000)'] as const;
    expect(await failureOf(run([], {}, { command: [...silent], beginMs: 200 }))).to.include({ code: 'timeout' });
    expect(await failureOf(run([], {}, { command: [process.execPath, '-e', 'console.log("hello")'], beginMs: 5_000 }))).to.have.property(
      'code',
    );
    expect(await failureOf(run([], {}, { command: ['/no/such/agent'] }))).to.include({ code: 'invalid-request', retryable: false });
    expect(await site.processes()).to.equal(0);
  });

  it('is not used if it begins in a mode in which it asks for nothing', async () => {
    expect(await failureOf(run([], {}, { command: [process.execPath, AGENT, 'bypass,auto'] }))).to.include({ code: 'invalid-request' });
  });

  it('gets no permission for commands, and says what it was denied', async () => {
    const { text, denials } = await run([{ do: 'run', command: 'rm -rf /' }]);
    expect(text).to.include('[may not run]');
    expect(denials).to.deep.equal([{ title: 'rm -rf /', reason: 'it may run no commands' }]);
  });

  it('has an environment of what it was given, and nothing of this process', async () => {
    process.env.KEPT_TEST_SECRET = 'a-secret-of-the-process';
    const { text } = await run([{ do: 'environment' }]);
    delete process.env.KEPT_TEST_SECRET;
    expect(
      Object.keys(JSON.parse(text))
        .filter((name) => !['PWD', 'SHLVL', '_'].includes(name))
        .sort(),
    ).to.deep.equal(['GIVEN', 'HOME', 'PATH', 'TMPDIR']);
  });

  it('says that its model declined', async () => {
    expect((await run([{ do: 'refuse' }])).stop).to.equal('refused');
  });

  if (bubblewrap !== undefined)
    it('writes nothing outside in bubblewrap, asks or not, and leaves no process that left its group', async () => {
      const steps = [
        { do: 'write-unasked', path: '../outside.txt', text: 'x' },
        { do: 'write-unasked', path: '.git/hooks/pre-commit', text: 'x' },
        { do: 'lie', shown: 'fine.txt', path: '../elsewhere/lie.txt', text: 'x' },
        { do: 'write-unasked', path: 'inside.txt', text: 'x' },
        { do: 'leave-child' },
      ];
      await failureOf(run(steps, {}, { contained: true }));
      for (const path of ['../outside.txt', '.git/hooks/pre-commit', '../elsewhere/lie.txt'])
        expect(await site.read(path), path).to.equal(undefined);
      await run([steps[3] as object, { do: 'leave-child' }], {}, { contained: true });
      expect(await site.read('inside.txt')).to.equal('x');
      expect(await site.processes()).to.equal(0);
    });
});
