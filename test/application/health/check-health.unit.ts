import { expect } from 'chai';
import { makeCheckHealth, makeStatusLine } from '../../../src/application/health/check-health.ts';
import { makeToolLosses, type StoreFault } from '../../../src/application/index.ts';
import { makeModelCooldowns } from '../../../src/application/models/cooldowns.ts';
import { type AlertSettings, builtInAlertRules } from '../../../src/domain/index.ts';
import { durationWords } from '../../../src/domain/shared/duration.ts';
import { PortError, silentEvents } from '../../../src/ports/index.ts';
import { buildMessage, buildOutboxDraft, buildProcess, START, telegramChat, telegramUser } from '../../../src/testing/index.ts';
import { advance, makeProcess, makeWorld, settle } from '../support/harness.ts';

const stage = () => {
  const world = makeWorld();
  const checkHealth = makeCheckHealth({ storage: world.storage, clock: world.clock });
  const look = async (id: string) => (await checkHealth()).checks.find((check) => check.id === id);
  return { world, process: makeProcess(world), checkHealth, look };
};

describe('the health of the stored state', () => {
  it('is ok when nothing waits that should not, and says what there is', async () => {
    const { process, checkHealth } = stage();
    await process.receive(buildMessage());
    await process.make(
      { description: 'count' },
      { chatId: telegramChat(501), chatKind: 'direct' as const, requestedBy: { id: telegramUser(501) } },
    );
    expect(await checkHealth()).to.deep.equal({
      status: 'healthy',
      checks: [
        { id: 'storage.database', status: 'ok', message: 'memory; 1 messages wait for their turn' },
        { id: 'queue.promises', status: 'ok', message: '0 in progress, 1 pending, 0 waiting' },
        { id: 'queue.outbox', status: 'ok', message: '0 to send' },
      ],
    });
  });

  it('is degraded when a promise or a message is overdue, and asks for the process that should have taken it', async () => {
    const { world, process, look } = stage();
    await process.make(
      { description: 'count' },
      { chatId: telegramChat(501), chatKind: 'direct' as const, requestedBy: { id: telegramUser(501) } },
    );
    await world.storage.stores.outbox.add(buildOutboxDraft());
    await advance(world, 60_000);
    expect(await look('queue.promises')).to.include({ status: 'ok' });
    await advance(world, 1);
    expect((await look('queue.promises'))?.message).to.include('is a worker running, with room for it?');
    expect((await look('queue.outbox'))?.message).to.include('is the bot running?');
    process.start();
    await settle();
    expect([(await look('queue.promises'))?.status, (await look('queue.outbox'))?.status]).to.deep.equal(['ok', 'ok']);
  });

  it('says which model rests, how long and why, and nothing of models while none does', async () => {
    const { world, look } = stage();
    const { clock, storage } = world;
    const rests = makeModelCooldowns({ clock, events: silentEvents, store: storage.state('models') });
    expect(await look('model.rests')).to.equal(undefined);
    await rests.failed('x/a', new PortError('rate-limited', 'busy', { retryable: true, retryAfterMs: 3_600_000 }));
    await rests.failed('x/b', new PortError('out-of-credit', 'spent', { retryable: false }));
    expect(await look('model.rests')).to.deep.include({
      status: 'warn',
      message:
        'x/a rests for 1 h: it asked for that (rate-limited); x/b rests for 1 min: it has no credit left, and is asked after all others',
    });
    clock.advance(3_600_000);
    expect(await look('model.rests')).to.equal(undefined);
    await rests.failed('x/c', new PortError('not-found', 'no such model', { retryable: false }));
    expect((await look('model.rests'))?.message).to.include('x/c rests for 1 min: it is not known at its address, and is asked after');
  });

  it('says nothing of a model that is not asked any more', async () => {
    const { world } = stage();
    const { clock, storage } = world;
    const rests = makeModelCooldowns({ clock, events: silentEvents, store: storage.state('models') });
    await rests.failed('x/a', new PortError('rate-limited', 'busy', { retryable: true, retryAfterMs: 3_600_000 }));
    makeToolLosses({ store: storage.state('models-without-tools'), clock, events: silentEvents })('x/a');
    await settle();
    const statusWith = async (models?: readonly string[]) => (await makeCheckHealth({ storage, clock, models })()).status;
    expect([await statusWith(['x/b']), await statusWith(['x/b', 'x/a']), await statusWith()]).to.deep.equal([
      'healthy',
      'degraded',
      'degraded',
    ]);
  });

  it('says which model was asked without its tools of late', async () => {
    const { world, look } = stage();
    const { clock, storage } = world;
    const lose = makeToolLosses({ store: storage.state('models-without-tools'), clock, events: silentEvents });
    lose('openai/gemma');
    await settle();
    const message = "openai/gemma can't call tools: it makes no promises or schedules and reads no files";
    expect(await look('model.rests')).to.include({ status: 'warn', message });
    clock.advance(23 * 3_600_000);
    lose('openai/gemma');
    await settle();
    clock.advance(23 * 3_600_000);
    expect(await look('model.rests'), 'noted again').to.include({ message });
    clock.advance(3_600_000);
    expect(await look('model.rests')).to.equal(undefined);
  });

  it('is degraded when the lease of a promise in progress has run out, and nobody takes it up', async () => {
    const { world, process, look } = stage();
    for (const description of ['count', 'count again'])
      await process.make(
        { description },
        { chatId: telegramChat(501), chatKind: 'direct' as const, requestedBy: { id: telegramUser(501) } },
      );
    const claim = (limit: number) => world.storage.queue.claim({ workerId: 'w', now: world.clock.now(), leaseMs: 30_000, limit });
    await claim(1);
    await advance(world, 90_000);
    expect(await look('queue.promises')).to.include({
      status: 'ok',
      message: '1 in progress, 1 pending, 0 waiting; the oldest is due for 90 s',
    });
    await advance(world, 1);
    expect(await look('queue.promises')).to.include({ status: 'warn' });
    expect((await look('queue.promises'))?.message).to.match(/^1 in progress, 1 pending, .*`kept worker` starts one$/);
    await claim(1);
    expect(await look('queue.promises')).to.include({ status: 'ok' });
  });

  it('is unhealthy when it can not be read, and says why; the status line still comes', async () => {
    const { world } = stage();
    const { stores } = world.storage;
    const gone = () => Promise.reject(new PortError('storage-corrupt', 'disk image is malformed', { retryable: false }));
    const checkHealth = makeCheckHealth({
      storage: { ...world.storage, stores: { ...stores, promises: { ...stores.promises, stats: gone } } },
      clock: world.clock,
    });
    const statusLine = makeStatusLine({ checkHealth, clock: world.clock, startedAt: START - 65_000 });
    expect((await checkHealth()).checks[1]).to.deep.include({ id: 'queue.promises', status: 'fail', message: 'disk image is malformed' });
    expect(await statusLine()).to.equal('unhealthy; promises: disk image is malformed; up 65 s');
  });

  it('is unhealthy when nothing can be written, though everything can be read', async () => {
    const { world } = stage();
    const full = () => Promise.reject(new PortError('storage-full', 'the disk is full', { retryable: true }));
    const storage = { ...world.storage, state: (name: string) => ({ ...world.storage.state(name), set: full }) };
    const report = await makeCheckHealth({ storage, clock: world.clock })();
    expect(report.status).to.equal('unhealthy');
    expect(report.checks[0]).to.deep.include({ id: 'storage.database', status: 'fail', message: 'the disk is full' });
  });

  it('writes nothing where its process knows by its own writes whether it can, and tells what that knows', async () => {
    const { world } = stage();
    const refuse = () => Promise.reject(new Error('a look has written'));
    const storage = { ...world.storage, state: (name: string) => ({ ...world.storage.state(name), set: refuse }) };
    const checkOf = async (fault?: StoreFault) =>
      (await makeCheckHealth({ storage, clock: world.clock, writeFault: () => fault })()).checks[0];
    expect(await checkOf()).to.include({ id: 'storage.database', status: 'ok' });
    expect(await checkOf({ reason: 'the disk is full', help: 'make room' })).to.deep.include({
      status: 'fail',
      message: "it can't be written: the disk is full",
      fixHint: 'make room',
    });
  });

  it('is degraded as soon as an alert of the oldest promise begins, also where every worker is busy', async () => {
    const { world, process } = stage();
    for (const description of ['count', 'count again'])
      await process.make(
        { description },
        { chatId: telegramChat(501), chatKind: 'direct' as const, requestedBy: { id: telegramUser(501) } },
      );
    await world.storage.queue.claim({ workerId: 'w', now: world.clock.now(), leaseMs: 3_600_000, limit: 1 });
    const rules = builtInAlertRules();
    const statusWith = async (rule: Partial<AlertSettings>) => {
      const alertRules = { ...rules, 'queue.oldest-due': { ...rules['queue.oldest-due'], ...rule } };
      return (await makeCheckHealth({ storage: world.storage, clock: world.clock, alertRules })()).checks[1];
    };
    await advance(world, 300_000);
    expect(await statusWith({})).to.include({ status: 'ok' });
    await advance(world, 1);
    expect(await statusWith({})).to.include({ status: 'warn' });
    expect((await statusWith({}))?.message).to.match(/^1 in progress, 1 pending, 0 waiting; the oldest is due for 5 min, and is overdue: /);
    expect(await statusWith({ threshold: 301 })).to.include({ status: 'ok' });
    expect(await statusWith({ severity: 'off' })).to.include({ status: 'ok' });
  });

  it('takes restarts for nothing bad where their rule is off', async () => {
    const { world } = stage();
    const { processes } = world.storage.stores;
    const at = world.clock.now();
    const work = { phase: 'failed', promises: [], promiseCount: 0, answering: 0 } as const;
    for (let time = 0; time < 5; time++) {
      await processes.beat(buildProcess(`restart ${time}`, { startedAt: at, heartbeatAt: at, role: 'bot', work }));
      await processes.stop(`restart ${time}`, at);
    }
    const rules = builtInAlertRules();
    const statusWith = async (rule: Partial<AlertSettings>) => {
      const alertRules = { ...rules, 'process.restarts': { ...rules['process.restarts'], ...rule } };
      const { checks } = await makeCheckHealth({ storage: world.storage, clock: world.clock, alertRules })();
      return checks.find(({ id }) => id === 'process.restarts')?.status;
    };
    expect([await statusWith({}), await statusWith({ severity: 'off' })]).to.deep.equal(['warn', undefined]);
  });

  it('tells a duration in the two units that matter', () => {
    const [second, minute, hour] = [1_000, 60_000, 3_600_000];
    expect([12 * second, 4 * minute, 2 * hour + 5 * minute, 76 * hour].map(durationWords)).to.deep.equal([
      '12 s',
      '4 min',
      '2 h 5 min',
      '3 d 4 h',
    ]);
  });
});
