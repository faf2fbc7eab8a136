import { expect } from 'chai';
import { makeMemoryLeaderLease } from '../../../src/adapters/memory/index.ts';
import { makeLeaderElector } from '../../../src/application/index.ts';
import { DEFAULT_LEASE_SETTINGS } from '../../../src/domain/leadership/leadership.ts';
import { type LeaderLease, PortError } from '../../../src/ports/index.ts';
import { makeFixedClock, makeRecordingLogger } from '../../../src/testing/index.ts';
import { logged } from '../../support/logged.ts';

const { leaseMs, renewMs, marginMs } = DEFAULT_LEASE_SETTINGS;

/** Candidates over one lead, and what their terms came to. */
const makeRace = () => {
  const clock = makeFixedClock();
  const leadership = makeMemoryLeaderLease(clock);
  const events: string[] = [];
  const leading = new Set<string>();
  const candidate = (
    holder: string,
    over: {
      readonly leadership?: LeaderLease;
      readonly begin?: (signal: AbortSignal) => Promise<void>;
      readonly end?: () => Promise<void>;
    } = {},
  ) =>
    makeLeaderElector({
      lease: over.leadership ?? leadership,
      holder,
      clock,
      events: logged(makeRecordingLogger()),
      begin: async (signal) => {
        await over.begin?.(signal);
        leading.add(holder);
        events.push(`${holder} begins`);
        return {
          end: async (graceMs) => {
            leading.delete(holder);
            events.push(`${holder} ends (${graceMs})`);
            await over.end?.();
          },
        };
      },
    });
  /** Moves time on in small steps, and lets every answer arrive before the next. */
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 100) {
      clock.advance(100);
      await new Promise(setImmediate);
      expect(leading.size, `leaders: ${[...leading].join(', ')}`).to.be.at.most(1);
    }
  };
  return { candidate, pass, events, leading, leadership, clock };
};

describe('who leads, as a candidate knows', () => {
  it('is who has the lead now, whoever had it before, and nobody once that has run out unheard', async () => {
    const { candidate, pass, leadership } = makeRace();
    const cable = makeCable(leadership);
    const [first, second, third] = [candidate('first'), candidate('second'), candidate('third', cable)];
    expect(third.leader()).to.equal(undefined);
    for (const each of [first, second, third]) await each.start();
    expect([first.leader(), third.leader()]).to.deep.equal(['first', 'first']);
    const stopped = first.stop(0);
    await pass(renewMs + 100);
    await stopped;
    const next = second.leader();
    expect(next).to.be.oneOf(['second', 'third']);
    expect(third.leader()).to.equal(next);
    cable.cut = true;
    await pass(leaseMs);
    expect(third.leader()).to.equal(undefined);
    await Promise.all([second.stop(0), pass(100)]);
  });
});

const outage = new PortError('unavailable', 'the database is away', { retryable: true });
/** A way to the same lead that can be cut. */
const makeCable = (leadership: LeaderLease) => {
  const cable = { cut: false, hangs: false };
  const through = <T>(call: () => Promise<T>): Promise<T> => {
    if (cable.hangs) return new Promise(() => undefined);
    return cable.cut ? Promise.reject(outage) : call();
  };
  const over: LeaderLease = {
    claim: (holder, ms) => through(() => leadership.claim(holder, ms)),
    resign: (holder) => through(() => leadership.resign(holder)),
  };
  return Object.assign(cable, { leadership: over });
};

describe('One bot leads, the others stand by', () => {
  it('the first to ask leads; the second is told who does, and does nothing', async () => {
    const { candidate, pass, events } = makeRace();
    expect((await candidate('a').start()).holder).to.equal('a');
    expect((await candidate('b').start()).holder).to.equal('a');
    await pass(10 * leaseMs);
    expect(events).to.deep.equal(['a begins']);
  });

  it('a leader that dies is followed when its lease has run out', async () => {
    const { candidate, pass, leading, events, leadership } = makeRace();
    await leadership.claim('dead', leaseMs);
    await candidate('b').start();
    await pass(leaseMs - 200);
    expect(events).to.deep.equal([]);
    await pass(400);
    expect([...leading]).to.deep.equal(['b']);
  });

  it('a leader that is stopped ends with grace, and is followed at the next look', async () => {
    const { candidate, pass, events } = makeRace();
    const first = candidate('a');
    await first.start();
    await candidate('b').start();
    await first.stop(10_000);
    await pass(renewMs + 100);
    expect(events).to.deep.equal(['a begins', 'a ends (10000)', 'b begins']);
  });

  for (const failure of ['cut', 'hangs'] as const)
    it(`a leader whose way to the storage ${failure === 'cut' ? 'is cut' : 'hangs'} ends before another begins, and stands by when it is back`, async () => {
      const { candidate, pass, events, leading, leadership } = makeRace();
      const cable = makeCable(leadership);
      const first = candidate('a', cable);
      await first.start();
      await candidate('b').start();
      cable[failure] = true;
      await pass(leaseMs - marginMs + 200);
      expect(events).to.deep.equal(['a begins', 'a ends (0)']);
      await pass(marginMs + renewMs);
      expect([...leading]).to.deep.equal(['b']);
      if (failure === 'hangs') return;
      cable.cut = false;
      await pass(3 * leaseMs);
      expect([...leading]).to.deep.equal(['b']);
      expect(events).to.have.length(3);
    });

  it('a short outage costs a leader nothing', async () => {
    const { candidate, pass, events, leadership } = makeRace();
    const cable = makeCable(leadership);
    await candidate('a', cable).start();
    cable.cut = true;
    await pass(renewMs + 500);
    cable.cut = false;
    await pass(5 * leaseMs);
    expect(events).to.deep.equal(['a begins']);
  });

  it('a lead is kept while a term takes long to begin', async () => {
    const { candidate, pass, events } = makeRace();
    const begun = Promise.withResolvers<void>();
    const slow = candidate('a', { begin: () => begun.promise }).start();
    await pass(100);
    await candidate('b').start();
    await pass(4 * leaseMs);
    expect(events).to.deep.equal([]);
    begun.resolve();
    expect((await slow).holder).to.equal('a');
    expect(events).to.deep.equal(['a begins']);
  });

  it('a term that still begins when the lead is lost is told to end, and no other begins in its place before the lead is there again', async () => {
    const { candidate, pass, events, leadership } = makeRace();
    const cable = makeCable(leadership);
    const begin = (signal: AbortSignal) =>
      new Promise<void>((_, reject) => {
        events.push('a is beginning');
        signal.addEventListener('abort', () => {
          events.push('a is told to end');
          reject(signal.reason);
        });
      });
    const started = candidate('a', { ...cable, begin }).start();
    await pass(100);
    await candidate('b').start();
    cable.cut = true;
    await pass(leaseMs - marginMs + 200);
    expect(events).to.deep.equal(['a is beginning', 'a is told to end']);
    await started;
    await pass(marginMs + renewMs);
    expect(events.slice(2)).to.deep.equal(['b begins']);
  });

  it('a term that waits for the end of the last does not begin once the lead is lost', async () => {
    const { candidate, pass, events, leadership } = makeRace();
    const cable = makeCable(leadership);
    const left = Promise.withResolvers<void>();
    await candidate('a', { ...cable, end: () => left.promise }).start();
    cable.cut = true;
    await pass(leaseMs - marginMs + 100);
    cable.cut = false;
    await pass(renewMs);
    cable.cut = true;
    await pass(leaseMs);
    left.resolve();
    await pass(100);
    expect(events).to.deep.equal(['a begins', 'a ends (0)']);
  });

  it('a first term that cannot begin rejects the start, and leaves the lead to others', async () => {
    const { candidate, events } = makeRace();
    const reason = await candidate('a', { begin: () => Promise.reject(outage) })
      .start()
      .catch((error: unknown) => error);
    expect(reason).to.equal(outage);
    expect((await candidate('b').start()).holder).to.equal('b');
    expect(events).to.deep.equal(['b begins']);
  });

  it('a later term that cannot begin is left to others, and tried again', async () => {
    const { candidate, pass, leading, leadership } = makeRace();
    await leadership.claim('dead', leaseMs);
    let tries = 0;
    await candidate('a', { begin: async () => void (++tries < 3 && (await Promise.reject(outage))) }).start();
    await pass(leaseMs + 3 * renewMs);
    expect(tries).to.equal(3);
    expect([...leading]).to.deep.equal(['a']);
  });
});
