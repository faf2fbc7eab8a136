import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeListProcesses, makeProcessRegistration } from '../../../src/application/index.ts';
import { HEARTBEAT_MS, type KeptEvent, MAX_OVER_EACH, type ProcessWork, promiseId, SILENT_AFTER_MS } from '../../../src/domain/index.ts';
import { type Clock, PortError, type Stores, type UnitOfWork } from '../../../src/ports/index.ts';
import { buildProcess, makeFixedClock, makeRecordingEvents, START } from '../../../src/testing/index.ts';
import { settle } from '../support/harness.ts';

const HOUR = 3_600_000;
const away = new PortError('unavailable', 'the database is away', { retryable: true });
const IDLE = { promises: [], promiseCount: 0, answering: 0 };
type WorkNow = (phase: ProcessWork['phase']) => Promise<Omit<ProcessWork, 'phase'>>;
const started: KeptEvent = { type: 'process-started', role: 'start', facts: {} };

/** One storage, and processes that are in its register. */
const stage = () => {
  const { stores, unitOfWork } = makeMemoryStorage();
  const fixed = makeFixedClock();
  /** What somebody has set the clock of the machine to. */
  let setBy = 0;
  const clock: Clock = { now: () => fixed.now() + setBy, after: fixed.after };
  let isAway = false;
  let commits = 0;
  /** Settles once the storage is no longer held. */
  let held: Promise<void> = Promise.resolve();
  const watched: UnitOfWork = {
    run: async <T>(work: (given: Stores) => Promise<T>): Promise<T> => {
      commits++;
      await held;
      if (isAway) throw away;
      return unitOfWork.run(work);
    },
  };
  const process = (
    id: string,
    { workNow = async () => IDLE, dataDir = '/data' }: { readonly workNow?: WorkNow; readonly dataDir?: string } = {},
  ) => {
    const events = makeRecordingEvents();
    const { heartbeatAt: _, work: __, ...identity } = buildProcess(id, { startedAt: clock.now(), role: 'start', dataDir });
    let isDead = false;
    const own: Clock = { now: clock.now, after: (ms, action) => clock.after(ms, () => (isDead ? undefined : action())) };
    const registration = makeProcessRegistration({ unitOfWork: watched, identity, workNow, clock: own, events });
    /** As `kill -9` does. */
    const die = (): void => {
      isDead = true;
    };
    return { ...registration, events, die };
  };
  return {
    process,
    stores,
    now: () => clock.now(),
    list: makeListProcesses({ processes: stores.processes, clock }),
    all: () => stores.processes.list({ limit: 9_999 }),
    commits: () => commits,
    goAway: (away: boolean): void => {
      isAway = away;
    },
    hold: (until: Promise<void>): void => {
      held = until;
    },
    setClock: (by: number): void => {
      setBy = by;
    },
    pass: async (ms: number): Promise<void> => {
      for (let left = ms; left > 0; left -= HEARTBEAT_MS) {
        fixed.advance(Math.min(left, HEARTBEAT_MS));
        await settle();
      }
    },
  };
};

describe('A process in the register', () => {
  it('gives a sign of life at once and every 15 s, in one commit each, with what it is at', async () => {
    const { process, pass, all, commits } = stage();
    let promises = [promiseId(3)];
    const { start, listen } = process('a', {
      workNow: async (phase) => ({ ...IDLE, answering: 1, promises: phase === 'starting' ? [] : promises }),
    });
    start();
    await settle();
    const [first] = await all();
    expect(first).to.deep.include({ id: 'a', startedAt: START, heartbeatAt: START });
    expect(first?.work).to.deep.equal({ ...IDLE, phase: 'starting', answering: 1 });
    listen(started);
    await settle();
    await pass(4 * HEARTBEAT_MS);
    promises = [promiseId(4)];
    await pass(HEARTBEAT_MS);
    const [last] = await all();
    expect([last?.heartbeatAt, last?.work.phase, last?.work.promises]).to.deep.equal([START + 5 * HEARTBEAT_MS, 'running', [4]]);
    expect(commits()).to.equal(7);
  });

  it('is entered when its start resolves, also where that takes long, and starts where the storage refuses', async () => {
    const { process, all, hold, goAway } = stage();
    let letGo = (): void => undefined;
    hold(new Promise((resolve) => (letGo = resolve)));
    let isEntered = false;
    const entering = process('a')
      .start()
      .then(() => (isEntered = true));
    await settle();
    expect([isEntered, await all()]).to.deep.equal([false, []]);
    letGo();
    await entering;
    expect((await all()).map(({ id }) => id)).to.deep.equal(['a']);
    goAway(true);
    await process('b').start();
    expect((await all()).length).to.equal(1);
  });

  it('tells at once that it begins to lead, or stops, and no commit comes of what goes on meanwhile', async () => {
    const { process, all, commits, pass } = stage();
    let standing: 'leads' | 'stands-by' = 'stands-by';
    const { start, listen } = process('a', { workNow: async () => ({ ...IDLE, standing }) });
    start();
    listen(started);
    await pass(HEARTBEAT_MS);
    const before = commits();
    listen({ type: 'gateway-called', gateway: 'telegram', chatId: 'telegram:1' as never, outcome: 'sent', durationMs: 1 });
    await settle();
    expect(commits()).to.equal(before);
    standing = 'leads';
    listen({ type: 'leader-elected', holder: 'a' });
    await settle();
    expect((await all())[0]?.work.standing).to.equal('leads');
    listen({ type: 'process-stopping', role: 'start', waits: [] });
    await settle();
    expect([(await all())[0]?.work.phase, commits()]).to.deep.equal(['stopping', before + 2]);
  });

  it('is told of as stopped where it stops, and as silent where it is killed', async () => {
    const { process, list, pass } = stage();
    const [stopped, killed] = [process('stopped'), process('killed', { dataDir: '/another' })];
    for (const { start, listen } of [stopped, killed]) {
      start();
      listen(started);
    }
    await settle();
    await stopped.stop();
    killed.die();
    const look = async () => Object.fromEntries((await list()).processes.map(({ id, vitality }) => [id, vitality]));
    expect(await look()).to.deep.equal({ stopped: 'stopped', killed: 'alive' });
    await pass(SILENT_AFTER_MS);
    expect(await look()).to.deep.equal({ stopped: 'stopped', killed: 'alive' });
    await pass(HEARTBEAT_MS);
    expect(await look()).to.deep.equal({ stopped: 'stopped', killed: 'silent' });
  });

  it('counts as silent while it is suspended, and as alive once it goes on', async () => {
    const { list, pass, stores, now } = stage();
    const suspended = buildProcess('suspended', { startedAt: START });
    await stores.processes.beat(suspended);
    const vitality = async () => (await list()).processes[0]?.vitality;
    await pass(SILENT_AFTER_MS);
    expect(await vitality()).to.equal('alive');
    await pass(1);
    expect(await vitality()).to.equal('silent');
    await stores.processes.beat({ ...suspended, heartbeatAt: now() });
    expect(await vitality()).to.equal('alive');
  });

  it('tells once that the storage refuses it and once that it takes it again, and stays itself', async () => {
    const { process, pass, goAway, all, now } = stage();
    const { start, events } = process('a');
    start();
    await settle();
    goAway(true);
    await pass(3 * HEARTBEAT_MS);
    expect((await all())[0]?.heartbeatAt).to.equal(START);
    goAway(false);
    await pass(HEARTBEAT_MS);
    expect((await all()).map(({ id, startedAt, heartbeatAt }) => [id, startedAt, heartbeatAt])).to.deep.equal([['a', START, now()]]);
    const told = events.events.map((event) => ('loop' in event ? [event.type, event.loop, event.failures] : []));
    expect(told).to.deep.equal([
      ['poll-failed', 'processes', 1],
      ['poll-failed', 'processes', 2],
      ['poll-failed', 'processes', 3],
      ['poll-recovered', 'processes', 3],
    ]);
  });

  it('waits for a storage that hangs, and asks it one thing at a time', async () => {
    const { process, pass, hold, commits, all, now } = stage();
    const { start, listen, stop } = process('a');
    start();
    await settle();
    const held = Promise.withResolvers<void>();
    hold(held.promise);
    await pass(HEARTBEAT_MS);
    for (let at = 0; at < 5; at++) listen(started);
    await pass(10 * HEARTBEAT_MS);
    expect(commits()).to.equal(2);
    const stopped = stop();
    held.resolve();
    await stopped;
    expect((await all())[0]).to.include({ stoppedAt: now(), heartbeatAt: now() });
  });

  it('knows why the storage takes nothing, and for how long it has not answered', async () => {
    const { process, goAway, hold, pass } = stage();
    const { start, fault } = process('a');
    start();
    await settle();
    expect(fault()).to.equal(undefined);
    goAway(true);
    await pass(HEARTBEAT_MS);
    expect(fault()).to.deep.equal({ reason: 'the database is away' });
    goAway(false);
    await pass(HEARTBEAT_MS);
    expect(fault()).to.equal(undefined);
    hold(new Promise(() => undefined));
    await pass(SILENT_AFTER_MS);
    expect(fault()).to.equal(undefined);
    await pass(HEARTBEAT_MS);
    expect(fault()).to.deep.equal({ reason: 'nothing could be stored for 75 s' });
  });

  it('goes on after the clock was set back, and forgets what then lies ahead', async () => {
    const { process, pass, setClock, list, all } = stage();
    const first = process('first');
    first.start();
    await pass(HEARTBEAT_MS);
    setClock(-50 * HOUR);
    const second = process('second');
    second.start();
    await settle();
    expect((await all()).map(({ id }) => id)).to.deep.equal(['second']);
    await pass(HEARTBEAT_MS);
    expect((await list()).processes.map(({ id, vitality }) => [id, vitality])).to.deep.include(['first', 'alive']);
  });

  it('counts as a restart where it fails, and not where it is stopped', async () => {
    const { process, list } = stage();
    const failed = process('failed');
    await failed.start();
    failed.listen({ type: 'process-failed', reason: 'the token is wrong' });
    await failed.stop();
    const stopped = process('stopped');
    await stopped.start();
    stopped.listen({ type: 'process-stopping', role: 'start', waits: [] });
    await stopped.stop();
    const { restarts, processes } = await list();
    expect(processes.map(({ id, vitality }) => [id, vitality])).to.have.deep.members([
      ['failed', 'stopped'],
      ['stopped', 'stopped'],
    ]);
    expect(restarts).to.deep.equal([{ role: 'start', host: 'alpha', count: 1 }]);
  });

  it('leaves no more than its due after a thousand restarts, and the living stay', async () => {
    const { process, pass, all, list, stores, now } = stage();
    await stores.processes.beat(buildProcess('steady', { heartbeatAt: START + 1_000 * 1_000 }));
    for (let at = 0; at < 1_000; at++) {
      const one = process(`restart ${at}`);
      await one.start();
      one.listen({ type: 'process-failed', reason: 'the token is wrong' });
      await one.stop();
      await pass(1_000);
    }
    const left = await all();
    expect(left.length).to.equal(MAX_OVER_EACH + 2);
    expect(left.filter(({ id }) => id === 'steady' || id === 'restart 999' || id === 'restart 0').map(({ id }) => id)).to.have.members([
      'steady',
      'restart 999',
    ]);
    expect((await list()).restarts).to.deep.equal([{ role: 'start', host: 'alpha', count: MAX_OVER_EACH + 1 }]);
    expect(now()).to.equal(START + 1_000_000);
  });
});

describe('The list of processes', () => {
  it('names the leader: who says so, else whom the others name', async () => {
    const { list, stores } = stage();
    const put = (id: string, work: Partial<ProcessWork>, heartbeatAt = START) =>
      stores.processes.beat(buildProcess(id, { role: 'bot', host: id, heartbeatAt, work: { ...IDLE, phase: 'running', ...work } }));
    expect((await list()).leader).to.equal(undefined);
    await put('dead', { standing: 'leads' }, START - 2 * SILENT_AFTER_MS);
    await put('b', { standing: 'stands-by', leader: 'older/1/x' });
    expect((await list()).leader).to.equal('older/1/x');
    await put('a', { standing: 'leads' });
    expect((await list()).leader).to.equal('a');
  });
});
