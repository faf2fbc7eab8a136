import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import type { RunAgent } from '../../../src/application/agents/run-agent.ts';
import { type AgentRun, CHAT_AGENT, makeRunAlone } from '../../../src/application/index.ts';
import { DEFAULT_LOCAL_CHAT, NO_USAGE } from '../../../src/domain/index.ts';
import { workerSettings } from '../../../src/domain/promise/worker-settings.ts';
import { makeFixedClock, makeRecordingEvents, makeSeededRandomness } from '../../../src/testing/index.ts';
import { settle } from '../support/harness.ts';

const USED = { ...NO_USAGE, inputTokens: 7 };
const RUN: AgentRun = { text: 'Done.', steps: [], usage: USED, model: 'scripted/one', toolCalls: 2, journal: [] };

describe('A run of an agent alone', () => {
  const stage = (runAgent: RunAgent) => {
    const { stores, unitOfWork } = makeMemoryStorage();
    const [clock, events] = [makeFixedClock(), makeRecordingEvents()];
    const runAlone = makeRunAlone({ stores, unitOfWork, runAgent, clock, events, randomness: makeSeededRandomness(1) });
    const abort = new AbortController();
    const run = (agent = CHAT_AGENT) =>
      runAlone({ agent, text: 'Look.', scope: { directory: '/srv' }, mayDecide: false, signal: abort.signal });
    const usage = async () => {
      const { attempts, inputTokens } = await stores.turns.usage(DEFAULT_LOCAL_CHAT, 0);
      return { attempts, inputTokens };
    };
    return { run, usage, clock, abort };
  };
  /** Works until it is told to end. */
  const hanging: RunAgent = (_, { context: { signal }, onUsage }) => {
    onUsage?.(USED);
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  };

  it('is recorded with what it used', async () => {
    const { run, usage } = stage(async (_, { onUsage }) => {
      onUsage?.(USED);
      return RUN;
    });
    expect((await run()).text).to.equal('Done.');
    expect(await usage()).to.deep.equal({ attempts: 1, inputTokens: 7 });
  });

  it('is recorded with what it used also where it fails, or is interrupted', async () => {
    const failing = stage(async (_, { onUsage }) => {
      onUsage?.(USED);
      throw new RangeError('no');
    });
    expect(await failing.run().catch((error: unknown) => error)).to.be.instanceOf(RangeError);
    expect(await failing.usage()).to.deep.equal({ attempts: 1, inputTokens: 7 });

    const interrupted = stage(hanging);
    const end = interrupted.run().catch((error: unknown) => error);
    interrupted.abort.abort();
    expect(await end).to.be.instanceOf(Error);
    expect(await interrupted.usage()).to.deep.equal({ attempts: 1, inputTokens: 7 });
  });

  it('ends at the limit of its agent, else at that of an attempt at a promise', async () => {
    for (const [timeoutSeconds, limitMs] of [
      [30, 30_000],
      [undefined, workerSettings().attemptTimeoutMs],
    ] as const) {
      const { run, clock } = stage(hanging);
      let error: unknown;
      const limits = { ...CHAT_AGENT.limits, ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }) };
      const ended = run({ ...CHAT_AGENT, limits }).catch((reason: unknown) => (error = reason));
      clock.advance(limitMs - 1);
      await settle();
      expect(error).to.equal(undefined);
      clock.advance(1);
      await ended;
      expect(error).to.include({ code: 'timeout' });
    }
  });
});
