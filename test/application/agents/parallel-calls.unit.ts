import { expect } from 'chai';
import { makeRunAgent } from '../../../src/application/index.ts';
import type { ToolCall } from '../../../src/domain/index.ts';
import { PortError, type Tool } from '../../../src/ports/index.ts';
import { buildTool, makeFixedClock, makeRecordingLogger, makeScriptedModel } from '../../../src/testing/index.ts';
import { modelAndTools } from '../../support/catalogs.ts';
import { logged } from '../../support/logged.ts';
import { redact, settle } from '../support/harness.ts';
import { HELLO, testerContext, testerWith } from './tester.ts';

const agent = testerWith(['look', 'act', 'stop']);
const call = (tool: string, id: string): ToolCall => ({ id, tool, input: { id } });

/** A run whose calls of `look` end when the test says so. */
const stage = (calls: readonly ToolCall[], others: readonly Tool[] = []) => {
  const log: string[] = [];
  const open = new Map<string, () => void>();
  const look = buildTool({
    name: 'look',
    effect: 'reads',
    run: (input, { signal }) => {
      const { id } = input as { id: string };
      log.push(`begins ${id}`);
      const { promise, resolve, reject } = Promise.withResolvers<{ output: string; isError: boolean }>();
      open.set(id, () => resolve({ output: `saw ${id}`, isError: false }));
      signal.addEventListener('abort', () => {
        log.push(`aborted ${id}`);
        reject(new PortError('aborted', 'told to end', { retryable: false }));
      });
      return promise;
    },
  });
  const act = buildTool({
    name: 'act',
    effect: 'acts',
    run: async (input) => {
      log.push(`acts ${(input as { id: string }).id}`);
      return { output: 'done', isError: false };
    },
  });
  const model = makeScriptedModel([{ toolCalls: [...calls] }, { text: 'Done.' }]);
  const runAgent = makeRunAgent({
    ...modelAndTools(model, [look, act, ...others]),
    events: logged(makeRecordingLogger()),
    clock: makeFixedClock(),
    redact,
    mayAct: () => true,
  });
  const result = runAgent(agent, { conversation: HELLO, context: testerContext(), situation: '' });
  return { log, result, end: (id: string) => open.get(id)?.() };
};

describe('Calls of one reply', () => {
  it('run side by side where tools only read, and their results stand in the order of the calls', async () => {
    const { log, result, end } = stage(['a', 'b', 'c'].map((id) => call('look', id)));
    await settle();
    expect(log).to.deep.equal(['begins a', 'begins b', 'begins c']);
    for (const id of ['c', 'a', 'b']) {
      end(id);
      await settle();
    }
    const { steps, journal } = await result;
    expect(steps.flatMap((step) => (step.role === 'tool' ? [step.output] : []))).to.deep.equal(['saw a', 'saw b', 'saw c']);
    expect(journal.flatMap((step) => (step.kind === 'tool' ? [step.output] : []))).to.deep.equal(['saw a', 'saw b', 'saw c']);
  });

  it('wait for what stands before them where a tool acts, and what acts runs alone', async () => {
    const { log, result, end } = stage([call('look', 'a'), call('look', 'b'), call('act', 'c'), call('act', 'd'), call('look', 'e')]);
    await settle();
    end('a');
    await settle();
    expect(log).to.deep.equal(['begins a', 'begins b']);
    end('b');
    await settle();
    expect(log).to.deep.equal(['begins a', 'begins b', 'acts c', 'acts d', 'begins e']);
    end('e');
    expect((await result).journal.map(({ kind }) => kind)).to.deep.equal([
      'model',
      'tool',
      'tool',
      'intent',
      'tool',
      'intent',
      'tool',
      'tool',
      'model',
    ]);
  });

  it('are at most eight at once', async () => {
    const ids = Array.from({ length: 20 }, (_, at) => `${at}`);
    const { log, result, end } = stage(ids.map((id) => call('look', id)));
    for (let from = 0; from < 20; from += 8) {
      await settle();
      expect(log).to.have.length(Math.min(20, from + 8));
      for (const id of ids.slice(from, from + 8)) end(id);
    }
    expect((await result).toolCalls).to.equal(20);
  });

  it('are all aborted, and have ended, when one of them ends the run', async () => {
    const stop = buildTool({
      name: 'stop',
      effect: 'reads',
      run: () => Promise.reject(new PortError('could-not', 'no file', { retryable: false })),
    });
    const { log, result } = stage([call('look', 'a'), call('stop', 'b')], [stop]);
    expect(await result.catch((error: unknown) => error)).to.include({ code: 'could-not', message: 'no file' });
    expect(log).to.deep.equal(['begins a', 'aborted a']);
  });
});
