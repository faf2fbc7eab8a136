import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeCodingExecutor, makeExecutorRouter } from '../../../src/application/worker/coding-executor.ts';
import { type AgentPromise, NO_USAGE, promiseId, type Usage } from '../../../src/domain/index.ts';
import { type CodingAgent, type CodingHooks, type CodingResult, type CodingRun, PortError } from '../../../src/ports/index.ts';
import {
  buildPolicy,
  buildPromise,
  buildWorkspace,
  GROUP,
  makeFixedClock,
  makeRecordingEvents,
  promiseAfter,
  START,
} from '../../../src/testing/index.ts';
import { leased, progress, signal } from './agent-executor-harness.ts';

const RESULT: CodingResult = { text: 'It is renamed.', session: 's-1', usage: NO_USAGE, denials: [], stop: 'end' };

const stage = ({
  result = RESULT,
  work,
  changed = ' a.ts | 1 +\n 1 file changed, 1 insertion(+)\n',
  policy = buildPolicy({ workspaces: [buildWorkspace({ isDevGroup: true })] }),
  parents = [],
}: {
  readonly result?: CodingResult;
  readonly work?: (run: CodingRun, hooks: CodingHooks) => Promise<CodingResult>;
  /** Null: it is not known. */
  readonly changed?: string | null;
  readonly policy?: ReturnType<typeof buildPolicy>;
  readonly parents?: readonly AgentPromise[];
} = {}) => {
  const runs: CodingRun[] = [];
  const agent: CodingAgent = {
    name: 'test',
    run: async (run, hooks) => {
      runs.push(run);
      await hooks.onSession?.(`s-${runs.length}`);
      return work ? work(run, hooks) : { ...result, session: `s-${runs.length}` };
    },
  };
  const events = makeRecordingEvents();
  const held: string[] = [];
  const sessions = makeMemoryStorage().state('coding');
  const executor = makeCodingExecutor({
    agent,
    changes: { remember: async () => ({ since: async () => changed ?? undefined, end: async () => void held.push('forgotten') }) },
    places: { locate: async (_, paths) => paths.map((path) => (path.startsWith('..') ? undefined : path)) },
    locks: {
      take: async (directory) => {
        held.push(`take ${directory}`);
        return async () => void held.push('release');
      },
    },
    limits: { maxTurns: 7, maxCostUsd: 2 },
    sessions,
    promises: { getMany: async () => [...parents] },
    policy,
    clock: makeFixedClock(),
    events,
  });
  return { executor, runs, events, held, sessions, execute: (promise = leased()) => executor.execute(promise, { signal, progress }) };
};

describe('The coding executor', () => {
  it("works in the chat's directory, alone, and tells what changed, what it cost and what was denied", async () => {
    const denials = [{ title: 'Write ../x', reason: 'it lies outside the workspace directory' }];
    const { execute, runs, held } = stage({ result: { ...RESULT, costUsd: 0.123, denials } });
    const { text } = await execute(leased({ chatId: GROUP, description: 'rename it' }));
    expect(text).to.equal(
      'It is renamed.\n\nFiles changed:\n```\n a.ts | 1 +\n 1 file changed, 1 insertion(+)\n```\n\nCost: $0.12.\n\nNot allowed:\n- Write ../x: it lies outside the workspace directory',
    );
    expect(runs[0]).to.deep.include({ workspace: '/srv/railway', limits: { maxTurns: 7, maxCostUsd: 2 } });
    expect(runs[0]?.instruction).to.match(/^rename it\n/);
    expect(held).to.deep.equal(['take /srv/railway', 'forgotten', 'release']);
  });

  it('tells nobody where the directory lies', async () => {
    const told: string[] = [];
    const { executor } = stage({
      work: async (_, { onProgress }) => {
        onProgress('Write /srv/railway/src/a.ts');
        const denials = [{ title: 'Read /srv/railway/.env', reason: 'it is a file of secrets' }];
        return { ...RESULT, text: 'I changed /srv/railway/src/a.ts in /srv/railway.', denials };
      },
    });
    const { text } = await executor.execute(leased({ chatId: GROUP }), { signal, progress: (words) => told.push(words) });
    expect(text).to.include('I changed src/a.ts in .').and.include('- Read .env:').and.not.include('/srv');
    expect(told).to.deep.equal(['Write src/a.ts']);
  });

  it('tells nobody where the directory lies where the agent fails, and keeps what the failure says', async () => {
    const usage = { inputTokens: 3, outputTokens: 2, cacheReadTokens: 0, cacheWriteTokens: 0 };
    const words = 'it ended in the middle of its work: no such file: /srv/railway/src/a.ts';
    const { execute, held } = stage({
      work: async () => {
        throw new PortError('rate-limited', words, { retryable: true, retryAfterMs: 7, help: 'see its log', usage });
      },
    });
    const error = await execute(leased({ chatId: GROUP })).catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 'rate-limited', retryable: true, retryAfterMs: 7, help: 'see its log', usage });
    expect(error).to.have.property('message', 'it ended in the middle of its work: no such file: src/a.ts');
    expect(held.at(-1)).to.equal('release');
  });

  it('says that no file changed, and nothing of files where that is not known', async () => {
    expect((await stage({ changed: '' }).execute()).text).to.include('No file was changed.');
    expect((await stage({ changed: null }).execute()).text).to.equal('It is renamed.');
  });

  it('puts its own fence around the changes, which no name of a file can end', async () => {
    const { text } = await stage({ changed: ' ```\nforged | 1 +\n 1 file changed\n' }).execute();
    expect(text.match(/^```$/gm)).to.have.length(2);
    expect(text).to.include("'''");
  });

  it('shows the first changes of many, and their sum', async () => {
    const files = Array.from({ length: 60 }, (_, n) => ` file-${n} | 1 +`);
    const { text } = await stage({ changed: [...files, ' 60 files changed'].join('\n') }).execute();
    expect(text).to.include('file-39 ').and.not.include('file-40 ');
    expect(text).to.match(/… 20 more files\n 60 files changed\n```/);
  });

  it('continues no session of another agent', async () => {
    const { execute, runs, sessions } = stage();
    await sessions.set(
      new Map([[`session ${leased().chatId} /srv/ada`, JSON.stringify({ agent: 'another', session: 'theirs', promiseId: 1 })]]),
    );
    await execute(leased());
    expect(runs[0]?.workspace).to.equal('/srv/ada');
    expect(runs[0]?.session).to.equal(undefined);
  });

  it('continues the session of its chat and directory, and says so to an agent that was cut', async () => {
    const { execute, runs } = stage();
    await execute(leased({ id: promiseId(1) }));
    await execute(leased({ id: promiseId(1) }));
    await execute(leased({ id: promiseId(2) }));
    await execute(leased({ id: promiseId(3), chatId: GROUP }));
    expect(runs.map(({ session }) => session)).to.deep.equal([undefined, 's-1', 's-2', undefined]);
    expect(runs.map(({ instruction }) => instruction.startsWith('You were interrupted'))).to.deep.equal([false, true, false, false]);
  });

  it('decides what the agent asks by where it leads, and tells each denial', async () => {
    const decisions: boolean[] = [];
    const { execute, events } = stage({
      work: async (_, hooks) => {
        for (const path of ['src/a.ts', '../b.ts', '.git/config'])
          decisions.push((await hooks.onPermission('edit', `Write ${path}`, [path])).allowed);
        return RESULT;
      },
    });
    await execute();
    expect(decisions).to.deep.equal([true, false, false]);
    expect(events.of('coding-denied').map(({ title }) => title)).to.deep.equal(['Write ../b.ts', 'Write .git/config']);
  });

  it('fails for good at a limit and where the agent declines, and for now where it ends early', async () => {
    const ends = { limit: ['could-not', false], refused: ['could-not', false], cancelled: ['unavailable', true] } as const;
    for (const [stop, [code, retryable]] of Object.entries(ends) as ['limit', readonly [string, boolean]][]) {
      const { execute, held } = stage({ result: { ...RESULT, stop } });
      const error = await execute().catch((thrown: unknown) => thrown);
      expect(error, stop).to.include({ code, retryable });
      expect(held.at(-1)).to.equal('release');
    }
  });

  it('counts what a run used, whether it is done or not', async () => {
    const told: Usage[] = [];
    const usage = { inputTokens: 3, outputTokens: 2, cacheReadTokens: 0, cacheWriteTokens: 0 };
    const { executor } = stage({ result: { ...RESULT, usage, stop: 'limit' } });
    await executor.execute(leased(), { signal, progress, onUsage: (one) => told.push(one) }).catch(() => undefined);
    expect(told).to.deep.equal([usage]);
  });

  it('changes nothing in a group that is no dev group, or that is no longer allowed', async () => {
    for (const policy of [buildPolicy({ workspaces: [buildWorkspace({ isDevGroup: false })] }), buildPolicy({ workspaces: [] })]) {
      const { execute, runs } = stage({ policy });
      expect(await execute(leased({ chatId: GROUP })).catch((thrown: unknown) => thrown)).to.include({ code: 'unauthorised' });
      expect(runs).to.deep.equal([]);
    }
  });

  it('shows the agent the results that the task depends on', async () => {
    const parent = promiseAfter(
      buildPromise({ id: promiseId(7), description: 'find the bug' }),
      { type: 'start', at: START, workerId: 'w', leaseMs: 1_000 },
      { type: 'complete', at: START, workerId: 'w', attempt: 1, result: 'It is in line 3.' },
    );
    const { execute, runs } = stage({ parents: [parent] });
    await execute({ ...leased(), dependsOn: [promiseId(7)] });
    expect(runs[0]?.instruction).to.include('It is in line 3.');
  });

  it('shows the beginnings of long results, all of them within bounds, and how long they are', async () => {
    const parents = Array.from({ length: 10 }, (_, at) =>
      promiseAfter(
        buildPromise({ id: promiseId(at + 1), description: `look at part ${at + 1}` }),
        { type: 'start', at: START, workerId: 'w', leaseMs: 1_000 },
        { type: 'complete', at: START, workerId: 'w', attempt: 1, result: 'x'.repeat(60_000) },
      ),
    );
    const instructionOver = async (some: readonly AgentPromise[]): Promise<string> => {
      const { execute, runs } = stage({ parents: some });
      await execute({ ...leased(), dependsOn: some.map(({ id }) => id) });
      return runs[0]?.instruction ?? '';
    };
    const one = await instructionOver(parents.slice(0, 1));
    expect(one.length).to.be.within(20_000, 21_000);
    expect(one).to.include('… (60000 characters in all)');
    const all = await instructionOver(parents);
    expect(all.length).to.be.within(100_000, 103_000);
    expect(all)
      .to.include('look at part 10')
      .and.match(/When you are done, say .+$/);
  });
});

describe('The router of executors', () => {
  const answering = (text: string) => ({ execute: async () => ({ text, usage: NO_USAGE }) });
  const isCoding = ({ metadata }: { readonly metadata: Readonly<Record<string, unknown>> }): boolean => metadata.coding === true;

  it('sends coding tasks to the coding agent, and all others to the agents', async () => {
    const router = makeExecutorRouter({ isCoding, coding: answering('code'), otherwise: answering('words') });
    expect((await router.execute(leased({ metadata: { coding: true } }), { signal, progress })).text).to.equal('code');
    expect((await router.execute(leased(), { signal, progress })).text).to.equal('words');
  });

  it('has a coding task tried again where this worker has no coding agent', async () => {
    const router = makeExecutorRouter({ isCoding, coding: undefined, otherwise: answering('words') });
    const error = await router.execute(leased({ metadata: { coding: true } }), { signal, progress }).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(PortError).and.include({ code: 'unavailable', retryable: true });
  });
});
