import { expect } from 'chai';
import { decidedIn } from '../../../src/domain/conversation/decision.ts';
import { promiseId, type Schedule, type ScheduleId, scheduleId } from '../../../src/domain/index.ts';
import { MAX_ACTIVE_SCHEDULES_PER_CHAT, MAX_OPEN_PROMISES_PER_CHAT, MAX_SCHEDULES_PER_TURN } from '../../../src/domain/promise/limits.ts';
import type { PromiseOrigin, ScheduleRequest } from '../../../src/ports/index.ts';
import {
  buildDraft,
  buildPolicy,
  GROUP,
  START,
  telegramChat,
  telegramMessage,
  telegramUser,
  workResult,
} from '../../../src/testing/index.ts';
import { makeGate } from '../support/gate.ts';
import { advance, makeProcess, makeWorld, type ProcessOptions, SECRET, settle } from '../support/harness.ts';

/** The clock starts at 12:00 UTC, 13:00 in Berlin. */
const origin = {
  chatId: telegramChat(501),
  chatKind: 'direct' as const,
  messageId: telegramMessage(1),
  requestedBy: { id: telegramUser(501), username: 'ada' },
};
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const hourly = { description: 'count', cron: '0 * * * *' };

const stage = (options: ProcessOptions = {}) => {
  const world = makeWorld();
  const { promises, schedules } = world.storage.stores;
  const process = makeProcess(world, options);
  const schedule = async (request: Partial<ScheduleRequest> = {}, asked: PromiseOrigin = origin): Promise<Schedule> => {
    const made = await process.schedule({ ...hourly, ...request }, asked);
    if (!made.ok) throw new Error(made.error.message);
    return made.value;
  };
  const all = async () => promises.find({ limit: 100 });
  const get = async (id: ScheduleId) => {
    const found = await schedules.get(id);
    if (!found) throw new Error(`no schedule #${id}`);
    return found;
  };
  return { world, process, schedule, all, get, stores: world.storage.stores };
};

describe('schedules', () => {
  it('at each tick a promise is made and kept, and its result comes to the chat as a reply', async () => {
    const { world, process, schedule, all, get } = stage();
    const { id } = await schedule({ taskType: 'search', priority: 2 });
    process.start();
    await advance(world, 2 * HOUR);
    const made = await all();
    expect(made.map(({ status, idempotencyKey, createdAt }) => [status, idempotencyKey, createdAt])).to.deep.equal([
      ['completed', 'schedule:1:2026-11-22T13:00:00.000Z', START + HOUR],
      ['completed', 'schedule:1:2026-11-22T14:00:00.000Z', START + 2 * HOUR],
    ]);
    expect(made[0]).to.deep.include({
      ...origin,
      description: 'count',
      taskType: 'search',
      priority: 2,
      tenant: 'telegram:501',
      metadata: { schedule: 1 },
    });
    expect(world.gateway.sent.map((sent) => sent.replyTo)).to.deep.equal([telegramMessage(1), telegramMessage(1)]);
    expect(await get(id)).to.include({ status: 'active', nextAt: START + 3 * HOUR, lastPromiseId: 2 });
  });

  it('goes by the clocks of its own time zone, else of the process', async () => {
    const { schedule } = stage();
    expect(await schedule({ cron: '0 9 * * *' })).to.include({ timeZone: 'Europe/Berlin', nextAt: Date.parse('2026-11-23T08:00Z') });
    expect(await schedule({ cron: '0 9 * * *', timeZone: 'asia/tokyo' })).to.include({
      timeZone: 'Asia/Tokyo',
      nextAt: Date.parse('2026-11-23T00:00Z'),
    });
  });

  it('five processes that tick make each promise once', async () => {
    const { world, schedule, all } = stage();
    for (let n = 0; n < 3; n++) await schedule();
    const processes = Array.from({ length: 5 }, () => makeProcess(world));
    for (const { ticks } of processes) ticks.start();
    await advance(world, HOUR);
    expect(await all()).to.have.length(3);
    const lines = processes.flatMap(({ logger }) => logger.lines);
    expect(lines.map(({ message }) => message)).to.deep.equal(Array(3).fill('a schedule made a promise'));
  });

  it('ticks that were missed make one promise together, and the next one comes in time', async () => {
    const { world, process, schedule, all, get } = stage();
    const { id } = await schedule();
    world.clock.advance(5 * HOUR + MINUTE);
    process.ticks.start();
    await settle();
    expect((await all()).map(({ idempotencyKey }) => idempotencyKey)).to.deep.equal(['schedule:1:2026-11-22T13:00:00.000Z']);
    expect(await get(id)).to.include({ nextAt: START + 6 * HOUR });
    expect(process.logger.lines.filter(({ level }) => level === 'warn')).to.deep.equal([]);
  });

  it('while an earlier promise has not ended its ticks are skipped, and the log says so', async () => {
    const gate = makeGate<string>();
    const { world, process, schedule, all } = stage({
      executor: { execute: ({ description }, { signal }) => gate.hold(description, signal).then(() => workResult('done')) },
      work: { attemptTimeoutMs: 10 * HOUR },
    });
    await schedule();
    process.start();
    await advance(world, 3 * HOUR);
    expect(await all()).to.have.length(1);
    expect(
      process.logger.lines.filter(({ message }) => message === 'a tick of a schedule is skipped').map(({ fields }) => fields),
    ).to.deep.equal(
      ['14:00', '15:00'].map((hour) => ({
        scheduleId: 1,
        chatId: telegramChat(501),
        tickAt: `2026-11-22T${hour}:00.000Z`,
        reason: 'promise #1 has not ended',
      })),
    );
    gate.release('count');
    await advance(world, HOUR);
    expect(await all()).to.have.length(2);
  });

  it('while its chat is full its ticks are skipped, the log says so each time, and the chat is told once a day', async () => {
    const { world, process, schedule, all, stores } = stage();
    await schedule({ cron: '*/10 * * * *' });
    await schedule({ cron: '*/10 * * * *' });
    for (let n = 0; n < MAX_OPEN_PROMISES_PER_CHAT; n++)
      await process.make({ description: `later ${n}`, notBefore: START + 100 * HOUR }, origin);
    process.ticks.start();
    process.deliverer.start();
    await advance(world, HOUR, 5 * MINUTE);
    expect((await all()).filter(({ metadata }) => 'schedule' in metadata)).to.deep.equal([]);
    const skipped = process.logger.lines.filter(({ message }) => message === 'a tick of a schedule is skipped');
    expect(skipped).to.have.length(12);
    expect(skipped[0]?.fields.reason).to.equal('its chat has 200 promises open');
    expect(world.gateway.sent.map(({ text }) => text)).to.have.length(1);
    expect(world.gateway.sent[0]?.text).to.match(/^Schedule #\d was skipped.*200 promises of this chat have not ended.*\/cancel/);
    expect(await stores.conversations.recent(origin.chatId, 10)).to.have.length(1);

    await process.cancel(promiseId(1));
    await advance(world, 10 * MINUTE, 5 * MINUTE);
    expect(await stores.promises.find({ limit: 1, newestFirst: true })).to.have.nested.property('[0].metadata.schedule');
    await advance(world, 24 * HOUR, 5 * MINUTE);
    expect(world.gateway.sent.filter(({ text }) => text.includes('was skipped'))).to.have.length(2);
  });

  it('invariant 4: one whose chat is no longer allowed makes nothing, and ends', async () => {
    const { world, process, schedule, all, get } = stage({ policy: buildPolicy({ workspaces: [] }) });
    const { id } = await schedule({}, { ...origin, chatId: GROUP, chatKind: 'group' });
    process.start();
    await advance(world, HOUR);
    expect(await all()).to.deep.equal([]);
    expect(await get(id)).to.include({ status: 'ended', endedAt: START + HOUR });
    const [entry] = process.logger.lines.filter(({ message }) => message === 'a schedule is ended');
    expect(entry?.fields.reason).to.equal('its chat or person is no longer allowed (unmapped-group, see workspaces.*.telegram_chat_ids)');
  });

  it('a tick that can not be stored leaves nothing, holds up no other, and comes again', async () => {
    let failing = true;
    const { world, process, schedule, all, get } = stage({
      onUnitCall: (call) => {
        if (failing && call === 'schedules.save') throw new Error('the disk is full');
      },
    });
    const { id } = await schedule();
    process.ticks.start();
    await advance(world, HOUR);
    expect(await all()).to.deep.equal([]);
    failing = false;
    await advance(world, 10_000);
    expect(await all()).to.have.length(1);
    expect(await get(id)).to.include({ nextAt: START + 2 * HOUR });
  });

  it('one that comes back from a backup makes no tick twice', async () => {
    const { world, process, schedule, all, get, stores } = stage();
    const made = await schedule();
    process.ticks.start();
    await advance(world, HOUR);
    const { version } = await get(made.id);
    await stores.schedules.save({ ...made, version });
    await advance(world, MINUTE);
    expect(await all()).to.have.length(1);
    expect(await get(made.id)).to.include({ nextAt: START + 2 * HOUR });
  });

  it('ended by hand it makes nothing more, and ends once', async () => {
    const { world, process, schedule, all } = stage();
    const { id } = await schedule();
    process.start();
    await advance(world, HOUR);
    expect((await process.cancelSchedule(id)).ok).to.equal(true);
    expect(await process.cancelSchedule(id)).to.deep.equal({
      ok: false,
      error: { code: 'schedule/already-ended', message: 'schedule #1 has ended already' },
    });
    expect(await process.cancelSchedule(scheduleId(9))).to.have.nested.property('error.code', 'schedule/not-found');
    await advance(world, 3 * HOUR);
    expect(await all()).to.have.length(1);
  });

  it('refuses what is none, in words, and stores nothing', async () => {
    const { process, stores } = stage();
    for (const [request, code] of [
      [{ ...hourly, description: ' ' }, 'promise/invalid'],
      [{ ...hourly, priority: 11 }, 'promise/invalid'],
      [{ ...hourly, cron: 'tomorrow' }, 'schedule/invalid-cron'],
      [{ ...hourly, cron: '0 0 31 2 *' }, 'schedule/never'],
      [{ ...hourly, timeZone: 'Mars/Base' }, 'schedule/unknown-time-zone'],
    ] as const)
      expect(await process.schedule(request, origin)).to.have.nested.property('error.code', code);
    expect(await stores.schedules.find({ limit: 10 })).to.deep.equal([]);
  });

  it('keeps no secret', async () => {
    const { schedule } = stage();
    expect((await schedule({ description: `log in with ${SECRET}` })).description).to.equal('log in with [redacted]');
  });

  describe('in a turn', () => {
    const context = (draft = buildDraft(), chat = origin.chatId) => ({
      ...origin,
      chatId: chat,
      scope: { directory: '/' },
      signal: new AbortController().signal,
      draft,
    });

    it('are drafted, and nothing is stored yet', async () => {
      const { process, stores } = stage();
      const draft = buildDraft();
      const made = await process.draftSchedule(hourly, context(draft));
      expect(decidedIn(draft).schedules).to.deep.equal(made.ok ? [made.value] : []);
      expect(await stores.schedules.find({ limit: 10 })).to.deep.equal([]);
    });

    it('no more are made in one turn than may be, nor active in one chat than may be; one that is cancelled makes room', async () => {
      const { process, schedule } = stage();
      const draft = buildDraft();
      for (let n = 0; n < MAX_SCHEDULES_PER_TURN; n++) expect((await process.draftSchedule(hourly, context(draft))).ok).to.equal(true);
      expect(await process.draftSchedule(hourly, context(draft))).to.have.nested.property('error.code', 'schedule/too-many');

      for (let n = 0; n < MAX_ACTIVE_SCHEDULES_PER_CHAT; n++) await schedule();
      expect(await process.draftSchedule(hourly, context())).to.have.nested.property(
        'error.message',
        'this chat has 50 schedules, and may have 50; cancel one to make room',
      );
      expect(await process.schedule(hourly, origin)).to.have.nested.property('error.code', 'schedule/too-many');
      expect((await process.draftSchedule(hourly, context(buildDraft(), telegramChat(502)))).ok).to.equal(true);

      const cancelling = buildDraft();
      await process.draftScheduleEnd(scheduleId(20), context(cancelling));
      expect((await process.draftSchedule(hourly, context(cancelling))).ok).to.equal(true);
      expect((await process.draftSchedule(hourly, context(cancelling))).ok).to.equal(false);
    });

    it('only schedules of its own chat can be ended', async () => {
      const { process, schedule } = stage();
      const { id } = await schedule();
      const draft = buildDraft();
      expect(await process.draftScheduleEnd(id, context(draft, telegramChat(502)))).to.have.nested.property(
        'error.code',
        'schedule/not-found',
      );
      expect((await process.draftScheduleEnd(id, context(draft))).ok).to.equal(true);
      expect(decidedIn(draft).endedSchedules).to.deep.equal([id]);
    });
  });

  it('a promise that was made by hand knows nothing of schedules', async () => {
    const { process } = stage();
    const made = await process.make({ description: 'once' }, origin);
    expect(made.ok && made.value.promise.metadata).to.deep.equal({});
    expect(made.ok && made.value.promise.id).to.equal(promiseId(1));
  });
});
