import { expect } from 'chai';
import { makeRunProbes, probesUpTo } from '../../../src/application/index.ts';
import { type HealthProbe, PortError } from '../../../src/ports/index.ts';
import { makeFixedClock } from '../../../src/testing/index.ts';
import { settle } from '../support/harness.ts';

const probe = (id: string, about: Partial<HealthProbe> = {}): HealthProbe => ({
  id,
  depth: 'local',
  limitMs: 1_000,
  late: { status: 'fail', where: 'there', fixHint: 'wake it' },
  probe: async () => ({ status: 'ok', message: 'well' }),
  ...about,
});

const stage = () => {
  const clock = makeFixedClock();
  const run = makeRunProbes({ clock, redact: (text) => text.replaceAll('hunter2', '****') });
  return { clock, run };
};

describe('the run of probes', () => {
  it('tells what each found, in their order, and no line of one that has nothing to tell', async () => {
    const { run, clock } = stage();
    const readings = await run([probe('a.one'), probe('a.quiet', { probe: async () => undefined }), probe('a.two')]);
    expect(readings).to.deep.equal(
      ['a.one', 'a.two'].map((id) => ({
        check: { id, status: 'ok', message: 'well' },
        depth: 'local',
        at: clock.now(),
        durationMs: 0,
      })),
    );
  });

  it('gives up one that stalls at its limit, aborts it, and waits no longer for all of them', async () => {
    const { run, clock } = stage();
    let aborted = false;
    const stalled = (signal: AbortSignal): Promise<never> => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return new Promise(() => undefined);
    };
    const running = run([probe('a.stalls', { probe: stalled }), probe('a.well')]);
    await settle();
    clock.advance(999);
    expect(aborted).to.equal(false);
    clock.advance(1);
    const [late, well] = await running;
    expect([late?.check, late?.durationMs, aborted]).to.deep.equal([
      { id: 'a.stalls', status: 'fail', message: 'no answer within 1 s', where: 'there', fixHint: 'wake it' },
      1_000,
      true,
    ]);
    expect(well?.check.status).to.equal('ok');
  });

  it('tells one that hangs as late at once, and asks it again when it has come back, or after half a minute', async () => {
    const { run, clock } = stage();
    let asked = 0;
    let hang = Promise.withResolvers<undefined>();
    const hanging = probe('a.hangs', {
      probe: () => {
        asked++;
        return hang.promise;
      },
    });
    const look = async (ms = 0): Promise<string | undefined> => {
      const running = run([hanging]);
      await settle();
      clock.advance(ms);
      return (await running)[0]?.check.message;
    };
    expect([await look(1_000), asked]).to.deep.equal(['no answer within 1 s', 1]);
    clock.advance(4_500);
    expect([await look(), asked]).to.deep.equal(['no answer within 5.5 s', 1]);
    hang.resolve(undefined);
    await settle();
    expect([await look(), asked], 'it has come back').to.deep.equal([undefined, 2]);
    hang = Promise.withResolvers();
    await look(1_000);
    clock.advance(28_999);
    await look();
    expect(asked).to.equal(3);
    clock.advance(1);
    await look(1_000);
    expect(asked, 'it never came back').to.equal(4);
  });

  it('runs them at the same time', async () => {
    const { run } = stage();
    let running = 0;
    let most = 0;
    const counted = async () => {
      running++;
      most = Math.max(most, running);
      await settle();
      running--;
      return { status: 'ok', message: 'well' } as const;
    };
    await run(['a.one', 'a.two', 'a.three'].map((id) => probe(id, { probe: counted })));
    expect(most).to.equal(3);
  });

  it('tells one that breaks as failed, with its reason and the help that it brings', async () => {
    const { run } = stage();
    const broken = async () => {
      throw new PortError('unauthorised', 'the key is refused', { retryable: false, help: 'see A_KEY' });
    };
    const [reading] = await run([probe('a.broken', { probe: broken })]);
    expect(reading?.check).to.deep.equal({ id: 'a.broken', status: 'fail', message: 'the key is refused', fixHint: 'see A_KEY' });
  });

  it('redacts all that is said, keeps it to a line, and cuts it', async () => {
    const { run } = stage();
    const [reading] = await run([
      probe('a.leaks', {
        probe: async () => ({
          status: 'warn',
          message: `hunter2\n${'x'.repeat(2_000)}`,
          where: 'https://hunter2@host',
          fixHint: 'not hunter2',
          reply: 'it is hunter2',
        }),
      }),
    ]);
    expect(JSON.stringify(reading)).not.to.include('hunter2');
    expect(reading?.check.message).to.match(/^\*\*\*\* x{400}/);
    expect(reading?.check.message.length).to.equal(500);
  });

  it('asks none that goes further than wanted, and says so', async () => {
    const { run } = stage();
    let asked = 0;
    const dear = probe('a.dear', {
      depth: 'deep',
      probe: async () => {
        asked++;
        return { status: 'ok', message: 'well' };
      },
    });
    const far = probe('a.far', { depth: 'cheap' });
    const near = probe('a.near');
    const statuses = async (depth?: 'local' | 'cheap' | 'deep') =>
      (await run([near, far, dear], depth ? { depth } : {})).map(({ check }) => check.status);
    expect(await statuses('local')).to.deep.equal(['ok', 'skipped', 'skipped']);
    expect(await statuses()).to.deep.equal(['ok', 'ok', 'skipped']);
    expect(asked).to.equal(0);
    expect(await statuses('deep')).to.deep.equal(['ok', 'ok', 'ok']);
    expect(asked).to.equal(1);
    const [skipped] = await run([dear]);
    expect(skipped?.check).to.include({ status: 'skipped', message: 'not asked: it costs money, or starts a program' });
    expect(skipped?.check.fixHint).to.include('--deep');
    expect(probesUpTo([near, far, dear], 'cheap').map(({ id }) => id)).to.deep.equal(['a.near', 'a.far']);
  });
});
