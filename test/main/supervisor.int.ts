import { openSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { systemClock, systemRandomness } from '../../src/adapters/system/index.ts';
import type { EventOf, KeptEventType } from '../../src/domain/index.ts';
import { makeAnswerGap } from '../../src/main/supervisor/answer-gap.ts';
import { spawnChild } from '../../src/main/supervisor/child.ts';
import { type PreloadedBot, preloadBot } from '../../src/main/supervisor/preload.ts';
import { rollAll } from '../../src/main/supervisor/roll.ts';
import {
  makeSupervisor,
  NotStartedError,
  SUPERVISOR,
  type Supervisor,
  type SupervisorSettings,
} from '../../src/main/supervisor/supervisor.ts';
import { makeRecordingEvents } from '../../src/testing/index.ts';
import { until } from '../support/chat-api.ts';
import { removeDirectory, takeDirectory } from '../support/own-directory.ts';
import { isAlive } from '../support/supervised-site.ts';

const PROGRAM = fileURLToPath(new URL('../support/supervised-child.ts', import.meta.url));

describe('A supervisor', function () {
  this.timeout(60_000);
  let directory: string;
  let supervisor: Supervisor;
  let events: ReturnType<typeof makeRecordingEvents>;
  const pids: number[] = [];

  let preloaded: PreloadedBot | undefined;
  /** Why no process can be spawned. */
  let unspawned: Error | undefined;

  const behave = (name: string, behaviour: string): void => writeFileSync(join(directory, name), behaviour);
  const start = (settings: Partial<SupervisorSettings> = {}) => {
    events = makeRecordingEvents();
    supervisor = makeSupervisor({
      plan: { workers: 1, hasStandby: false },
      spawn: ({ name, role }, _, hear) => {
        if (unspawned) throw unspawned;
        const loaded = role === 'bot' ? preloaded?.take(hear) : undefined;
        if (loaded) return loaded;
        const output = openSync(join(directory, `${name}.out`), 'a');
        const env = { ...process.env, KEPT_TEST_BEHAVIOUR: join(directory, name) };
        const child = spawnChild({ program: PROGRAM, role, env, output, now: systemClock.now, ...hear });
        pids.push(child.pid as number);
        return child;
      },
      clock: systemClock,
      randomness: systemRandomness,
      events,
      settings: { ...SUPERVISOR, firstMs: 40, maxMs: 160, wellMs: 1_500, stalledMs: 60_000, endMs: 5_000, ...settings },
      onChange: () => undefined,
    });
    return supervisor.start();
  };
  const told = <Type extends KeptEventType>(type: Type): readonly EventOf<Type>[] => events.of(type);
  const slot = (name: string) => supervisor.slots.find((one) => one.name === name);

  beforeEach(() => {
    directory = takeDirectory('supervisor', tmpdir());
    unspawned = undefined;
    preloaded = undefined;
    behave('bot', 'serve');
    behave('worker-1', 'serve');
  });
  afterEach(async () => {
    await supervisor.stop();
    expect(pids.splice(0).filter(isAlive)).to.deep.equal([]);
    removeDirectory(directory);
  });

  it('waits longer and longer in a crash loop, up to a limit, tells it once more at its end, and begins anew', async () => {
    await start();
    const first = slot('worker-1')?.child?.pid as number;
    behave('worker-1', 'crash');
    process.kill(first, 'SIGKILL');
    await until('six ends', async () => told('child-ended').length >= 6);
    const ends = told('child-ended').slice(0, 6);
    expect(ends.map(({ verdict }) => verdict)).to.deep.equal(['crashed', 'crashed', 'looping', 'looping', 'looping', 'looping']);
    expect(ends.map(({ end }) => end)).to.deep.equal(['killed by SIGKILL', ...Array(5).fill('exit code 1')]);
    for (const [i, most] of [40, 80, 160, 160, 160, 160].entries()) expect(ends[i]?.againMs).to.be.within(most * 0.75 - 1, most);
    behave('worker-1', 'serve');
    await until('the end of the loop', async () => told('child-recovered').length === 1);
    expect(slot('worker-1')?.state).to.include({ failures: 0, phase: 'running' });
    expect(told('child-ended').every(({ name }) => name === 'worker-1')).to.equal(true);
  });

  it('gives up on exit code 78, and ends once nothing else is left', async () => {
    await start();
    behave('worker-1', 'exit 78');
    process.kill(slot('worker-1')?.child?.pid as number, 'SIGKILL');
    await until('it to be given up', async () => slot('worker-1')?.state.phase === 'given-up');
    expect(slot('bot')?.state.phase).to.equal('running');
    behave('bot', 'exit 78');
    process.kill(slot('bot')?.child?.pid as number, 'SIGKILL');
    await supervisor.givenUp;
    expect(told('child-ended').filter(({ verdict }) => verdict === 'given-up')).to.have.length(2);
  });

  it('kills what gives no sign of life, and starts it again', async () => {
    behave('worker-1', 'stall');
    await start({ stalledMs: 2_000 });
    const pid = slot('worker-1')?.child?.pid;
    behave('worker-1', 'serve');
    await until('its end', async () => told('child-ended').length === 1, 30_000);
    expect(told('child-stalled')[0]).to.include({ name: 'worker-1', child: pid });
    expect(told('child-ended')[0]).to.include({ end: 'killed by SIGKILL', verdict: 'crashed' });
    await until('another one', async () => slot('worker-1')?.state.phase === 'running');
  });

  it('kills what does not come to serve as it is started again, says what it waited for, and starts it once more', async () => {
    await start({ startMs: 3_000 });
    const first = slot('worker-1')?.child?.pid as number;
    behave('worker-1', 'held');
    process.kill(first, 'SIGKILL');
    await until('the end of both', async () => told('child-ended').length === 2, 30_000);
    expect(told('child-not-serving')[0]).to.include({
      name: 'worker-1',
      reason: 'it does not serve after 3 s, and waits for the moon',
    });
    expect(told('child-ended')[1]).to.include({ name: 'worker-1', end: 'killed by SIGKILL' });
    behave('worker-1', 'serve');
    await until('another one', async () => slot('worker-1')?.state.phase === 'running');
  });

  it('leaves nothing running where one of a first start does not serve', async () => {
    behave('worker-1', 'exit 3');
    const failure = await start().catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(NotStartedError);
    expect((failure as NotStartedError).end?.code).to.equal(3);
    expect(pids.filter(isAlive)).to.deep.equal([]);
  });

  it('leaves nothing running where one of a first start serves too late, and says what that waits for', async () => {
    behave('worker-1', 'held');
    const failure = await start({ startMs: 5_000 }).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(NotStartedError);
    expect((failure as Error).message).to.equal('worker-1 did not start (it does not serve after 5 s, and waits for the moon)');
    expect(pids.filter(isAlive)).to.deep.equal([]);
  });

  it('starts a bot again that falls while the others still start', async () => {
    behave('worker-1', 'held');
    const starting = start();
    await until('the bot to serve', async () => slot('bot')?.state.phase === 'running');
    const first = slot('bot')?.child?.pid as number;
    process.kill(first, 'SIGKILL');
    await until('its end', async () => !isAlive(first));
    behave('worker-1', 'serve');
    await starting;
    await until('another one', async () => slot('bot')?.state.phase === 'running' && slot('bot')?.child?.pid !== first);
    expect(told('child-ended').map(({ name, end }) => `${name} ${end}`)).to.deep.equal(['bot killed by SIGKILL']);
  });

  it('tries again where a process can not be spawned', async () => {
    await start();
    unspawned = new Error('no space left on device');
    process.kill(slot('worker-1')?.child?.pid as number, 'SIGKILL');
    await until('three failures', async () => told('child-not-spawned').length >= 3);
    expect(told('child-not-spawned')[0]).to.include({ name: 'worker-1', reason: 'no space left on device' });
    expect(slot('bot')?.state.phase).to.equal('running');
    unspawned = undefined;
    await until('another one', async () => slot('worker-1')?.state.phase === 'running');
  });

  it('goes no further in a roll where a new process does not serve in time, or a stop is asked for', async () => {
    await start();
    const old = slot('worker-1')?.child?.pid;
    behave('worker-1', 'held');
    const parts = { canStandBy: false, clock: systemClock, onStep: () => undefined };
    const late = await rollAll(supervisor, { ...parts, stopped: new Promise(() => undefined), limitMs: 300 });
    expect(late.failure).to.equal('the new worker-1 did not start in 300 ms');
    const stop = Promise.withResolvers<void>();
    const rolling = rollAll(supervisor, { ...parts, stopped: stop.promise });
    stop.resolve();
    expect((await rolling).failure).to.equal('a stop was asked for');
    expect(slot('worker-1')?.child?.pid).to.equal(old);
    expect(pids.filter(isAlive)).to.have.length(2);
  });

  it('has no process without a slot where a stop comes between two steps of a roll', async () => {
    await start();
    for (const last of ['ends the old worker-1', 'ends the old bot', 'starts the new bot']) {
      const onStep = (step: string): void => {
        if (step === last) throw new Error('a stop was asked for');
      };
      const { failure } = await rollAll(supervisor, {
        canStandBy: false,
        clock: systemClock,
        onStep,
        stopped: new Promise(() => undefined),
      });
      expect(failure).to.equal('a stop was asked for');
      const owned = supervisor.slots.flatMap(({ child }) => child?.pid ?? []);
      expect(pids.filter(isAlive)).to.have.members(owned);
    }
  });

  it('starts nothing more once a stop was asked for in a first start', async () => {
    behave('bot', 'held');
    const starting = start().catch((error: unknown) => error);
    await until('the bot to start', async () => pids.length === 1);
    await supervisor.stop();
    expect(await starting).to.be.instanceOf(Error);
    expect(pids).to.have.length(1);
  });

  it('begins with a bot that was loaded before, and loads a new one where that falls', async () => {
    process.env.KEPT_TEST_BEHAVIOUR = join(directory, 'bot');
    preloaded = preloadBot(directory, PROGRAM);
    delete process.env.KEPT_TEST_BEHAVIOUR;
    await preloaded.loaded;
    const [bot] = await start();
    expect(pids).not.to.include(bot?.pid);
    await until('its status', async () => slot('bot')?.state.status === 'works');
    expect(slot('bot')?.state).to.include({ phase: 'running', pid: bot?.pid });
    process.kill(bot?.pid as number, 'SIGKILL');
    await until('another bot', async () => slot('bot')?.state.phase === 'running' && slot('bot')?.state.pid !== bot?.pid);
    expect(pids).to.include(slot('bot')?.state.pid);
  });

  it('kills what does not end in its time', async () => {
    behave('worker-1', 'deaf');
    await start({ endMs: 500 });
    await supervisor.stop();
    expect(supervisor.slots.map(({ state }) => state.phase)).to.deep.equal(['stopped', 'stopped']);
  });

  it('knows what a process waits for that ends, as that says it', async () => {
    behave('bot', 'drain');
    await start();
    const stopping = supervisor.stop();
    await until('the bot to say it', async () => slot('bot')?.drain !== undefined);
    expect(slot('bot')?.drain).to.deep.equal({ turns: 2, promises: [], since: 1, until: 2 });
    supervisor.hurry();
    await stopping;
  });

  it('starts nothing beside a process that is replaced while an earlier one was to be started again', async () => {
    await start({ firstMs: 3_000, maxMs: 3_000 });
    behave('bot', 'deaf');
    process.kill(slot('bot')?.child?.pid as number, 'SIGKILL');
    await until('its end', async () => slot('bot')?.state.phase === 'waiting');
    const parts = { canStandBy: false, clock: systemClock, onStep: () => undefined, stopped: new Promise(() => undefined) };
    expect((await rollAll(supervisor, parts)).failure).to.equal(undefined);
    behave('bot', 'serve');
    // The one that is replaced now hears no signal: it ends after five seconds, and the wait is over before that.
    expect((await rollAll(supervisor, parts)).failure).to.equal(undefined);
    const owned = supervisor.slots.flatMap(({ child }) => child?.pid ?? []);
    expect(pids.filter(isAlive)).to.have.members(owned);
    expect(told('child-started').filter(({ name }) => name === 'bot')).to.have.length(3);
  });

  it('knows for how long nobody answers', async () => {
    await start();
    await until('the bot to answer', async () => slot('bot')?.state.status === 'works');
    supervisor.gap.reset();
    expect(supervisor.gap.longestMs()).to.equal(0);
    const from = performance.now();
    process.kill(slot('bot')?.child?.pid as number, 'SIGKILL');
    await until('another one', async () => slot('bot')?.state.status === 'works' && told('child-started').length === 3);
    expect(supervisor.gap.longestMs()).to.be.within(40 * 0.75, performance.now() - from);
  });
});

describe('The time without an answer', () => {
  it('counts only where nobody answers, and the longest', () => {
    let now = 0;
    const gap = makeAnswerGap(() => now);
    gap.set('a', true);
    gap.reset();
    gap.set('b', true);
    now = 100;
    gap.set('a', false);
    now = 200;
    expect(gap.longestMs()).to.equal(0);
    gap.set('b', false);
    now = 250;
    gap.set('a', true);
    now = 300;
    gap.set('a', false);
    now = 310;
    expect(gap.longestMs()).to.equal(50);
    now = 400;
    expect(gap.longestMs()).to.equal(100);
  });
});
