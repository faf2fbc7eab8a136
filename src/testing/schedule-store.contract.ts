import { strict as assert } from 'node:assert';
import { advance, endSchedule, promiseId, type Schedule, scheduleId } from '../domain/index.ts';
import type { ScheduleStore, Storage } from '../ports/index.ts';
import { buildSchedule, START } from './builders.ts';
import type { Contract } from './contract.ts';
import { telegramChat } from './ids.ts';
import { countWinners, portFailure } from './port-failure.ts';
import { wider } from './wider.ts';

const HOUR = 3_600_000;
const build = (id: number, nextAt = START + HOUR, terms: Parameters<typeof buildSchedule>[0] = {}) =>
  buildSchedule({ id: scheduleId(id), ...terms }, nextAt);
const ended = (schedule: Schedule): Schedule => {
  const end = endSchedule(schedule, START + 5);
  assert.ok(end.ok);
  return end.value;
};
const idsOf = (schedules: readonly Schedule[]) => schedules.map(({ id }) => Number(id));
const read = async (schedules: ScheduleStore, id: number): Promise<Schedule> => {
  const schedule = await schedules.get(scheduleId(id));
  assert.ok(schedule, `schedule #${id} is stored`);
  return schedule;
};

/** The law of `ScheduleStore`. */
export const scheduleStoreContract: Contract<Storage> = {
  'reserves rising numbers, none of them twice, even in parallel': async ({ stores: { schedules } }) => {
    const all = (await Promise.all(Array.from({ length: 10 }, () => schedules.reserveIds(2)))).flat();
    assert.equal(new Set(all).size, 20);
    const [next] = await schedules.reserveIds(1);
    assert.ok(next && next > Math.max(...all));
  },

  'never hands out again a number of a unit of work that failed': async ({ stores, unitOfWork }) => {
    let drawn = 0;
    const failing = unitOfWork.run(async (unit) => {
      drawn = Number((await unit.schedules.reserveIds(1))[0]);
      throw new Error('undone');
    });
    await assert.rejects(failing, /undone/);
    assert.ok(Number((await stores.schedules.reserveIds(1))[0]) > drawn);
  },

  'returns a schedule in any state as it was added': async ({ stores: { schedules } }) => {
    const { messageId: _, ...withoutMessage } = build(2);
    const other = build(1, START + HOUR, { agent: 'notion_scout' });
    const all: Schedule[] = [other, withoutMessage, advance(build(3), START + 2 * HOUR, promiseId(17)), ended(build(4))];
    await schedules.add(all);
    for (const schedule of all) assert.deepEqual(await schedules.get(schedule.id), schedule);
    assert.equal(await schedules.get(scheduleId(5)), undefined);
  },

  'stores the fields of a schedule, and nothing that its objects hold beside': async ({ stores: { schedules } }) => {
    const all: Schedule[] = [build(1), ended(build(2))];
    const widened = all.map((schedule): Schedule => {
      const { retry, requestedBy } = schedule;
      return wider({ ...schedule, retry: wider(retry), requestedBy: wider(requestedBy) });
    });
    await schedules.add(widened);
    for (const schedule of all) assert.deepEqual(await schedules.get(schedule.id), schedule);
    for (const schedule of widened) await schedules.save(schedule);
    for (const schedule of all) assert.deepEqual(await schedules.get(schedule.id), { ...schedule, version: 1 });
  },

  'shows a save at once, and counts it as a version': async ({ stores: { schedules } }) => {
    const schedule = build(1);
    await schedules.add([schedule]);
    await schedules.save(advance(schedule, START + 2 * HOUR, promiseId(7)));
    assert.deepEqual(await read(schedules, 1), { ...schedule, nextAt: START + 2 * HOUR, lastPromiseId: promiseId(7), version: 1 });
    await schedules.save(ended(await read(schedules, 1)));
    const { status, version } = await read(schedules, 1);
    assert.deepEqual({ status, version }, { status: 'ended', version: 2 });
  },

  'refuses a save of a stale version, and lets one of many parallel saves win': async ({ stores: { schedules } }) => {
    const schedule = build(1);
    await schedules.add([schedule]);
    const saves = Array.from({ length: 5 }, (_, i) => schedules.save(advance(schedule, START + (i + 2) * HOUR)));
    assert.equal(await countWinners(saves), 1);
    await assert.rejects(schedules.save(schedule), portFailure('concurrency'));
    await assert.rejects(schedules.save(build(2)), portFailure('concurrency'));
  },

  'lists active schedules whose time has come, the earliest first': async ({ stores: { schedules } }) => {
    assert.equal(await schedules.nextAt(), undefined);
    await schedules.add([
      build(1, START + 30),
      build(2, START + 10),
      build(3, START + 10),
      ended(build(4, START + 5)),
      build(5, START + 31),
    ]);
    assert.deepEqual(idsOf(await schedules.due(START + 30, 10)), [2, 3, 1]);
    assert.deepEqual(idsOf(await schedules.due(START + 30, 2)), [2, 3]);
    assert.deepEqual(idsOf(await schedules.due(START + 9, 10)), []);
    assert.equal(await schedules.nextAt(), START + 10);
  },

  'finds schedules by chat, the newest first, only active ones if asked to': async ({ stores: { schedules } }) => {
    await schedules.add([build(1), build(2, START, { chatId: telegramChat(502) }), ended(build(3)), build(4)]);
    assert.deepEqual(idsOf(await schedules.find({ limit: 10 })), [4, 3, 2, 1]);
    assert.deepEqual(idsOf(await schedules.find({ before: scheduleId(4), limit: 2 })), [3, 2]);
    assert.deepEqual(idsOf(await schedules.find({ before: scheduleId(4), chatId: telegramChat(501), activeOnly: true, limit: 9 })), [1]);
    assert.deepEqual(idsOf(await schedules.find({ chatId: telegramChat(501), limit: 2 })), [4, 3]);
    assert.deepEqual(idsOf(await schedules.find({ chatId: telegramChat(501), activeOnly: true, limit: 10 })), [4, 1]);
  },

  'runs units of work that tick one schedule one after the other, so that all but the first see the tick': async ({
    stores,
    unitOfWork,
  }) => {
    await stores.schedules.add([build(1, START)]);
    const ticks = Array.from({ length: 5 }, () =>
      unitOfWork.run(async ({ schedules }) => {
        const schedule = await schedules.get(scheduleId(1));
        if (schedule?.status !== 'active' || schedule.nextAt > START) return false;
        await schedules.save(advance(schedule, START + HOUR));
        return true;
      }),
    );
    assert.equal((await Promise.all(ticks)).filter(Boolean).length, 1);
  },
};
