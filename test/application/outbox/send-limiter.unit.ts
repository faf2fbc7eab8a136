import { expect } from 'chai';
import fc from 'fast-check';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { LANES } from '../../../src/application/outbox/flood-waits.ts';
import { makeSendLimiter } from '../../../src/application/outbox/send-limiter.ts';
import type { ChatId } from '../../../src/domain/index.ts';
import { type GatewayLimits, PortError } from '../../../src/ports/index.ts';
import {
  GROUP,
  makeFixedClock,
  makeRecordingGateway,
  makeRecordingLogger,
  numberIn,
  START,
  telegramChat,
} from '../../../src/testing/index.ts';
import { logged } from '../../support/logged.ts';

const perMinuteInGroups = (most: number) => (room: ChatId) => (numberIn(room) < 0 ? most : undefined);
const TELEGRAM: GatewayLimits = {
  draftIntervalMs: 3_000,
  sendsPerSecond: 30,
  chatIntervalMs: 1_000,
  sendsPerMinuteIn: perMinuteInGroups(20),
};
const ada = telegramChat(501);
const flood = (seconds: number, scope?: 'chat') =>
  new PortError('rate-limited', `FLOOD_WAIT_${seconds}`, { retryable: true, retryAfterMs: seconds * 1_000, ...(scope ? { scope } : {}) });

const stage = (limits: GatewayLimits = { draftIntervalMs: 0 }) => {
  const clock = makeFixedClock();
  const storage = makeMemoryStorage();
  const logger = makeRecordingLogger();
  const gateway = makeRecordingGateway({ limits });
  const start = () => makeSendLimiter({ state: storage.state, clock, events: logged(logger) });
  return { clock, storage, logger, gateway, start, schedule: start() };
};

describe('the send schedule', () => {
  it('a gateway without limits is never held', async () => {
    const { schedule, gateway } = stage();
    for (let i = 0; i < 1_000; i++) expect(await schedule.tryAcquire(gateway, 'answers', ada)).to.equal(undefined);
  });

  it('one a second in a chat, twenty a minute in a group, thirty a second in all: told when the next may go', async () => {
    const { schedule, gateway, clock } = stage(TELEGRAM);
    expect(await schedule.tryAcquire(gateway, 'answers', ada)).to.equal(undefined);
    expect(await schedule.tryAcquire(gateway, 'answers', ada)).to.equal(START + 1_000);
    for (let person = 1; person < 30; person++)
      expect(await schedule.tryAcquire(gateway, 'answers', telegramChat(1_000 + person))).to.equal(undefined);
    expect(await schedule.tryAcquire(gateway, 'answers', telegramChat(999))).to.equal(START + 1_000);
    clock.advance(1_000);
    for (let i = 0; i < 20; i++) {
      expect(await schedule.tryAcquire(gateway, 'answers', GROUP)).to.equal(undefined);
      clock.advance(1_000);
    }
    expect(await schedule.tryAcquire(gateway, 'answers', GROUP)).to.equal(START + 61_000);
    expect(await schedule.tryAcquire(gateway, 'answers', ada)).to.equal(undefined);
  });

  it('whoever sends whenever it is admitted stays within every limit, in whichever stretch of time', async () => {
    const chats = [ada, telegramChat(502), telegramChat(503), GROUP, telegramChat(-77)];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 400 })), { maxLength: 400 }), async (calls) => {
        const { schedule, gateway, clock } = stage({ ...TELEGRAM, sendsPerSecond: 4, sendsPerMinuteIn: perMinuteInGroups(5) });
        const sent: { at: number; chat: ChatId }[] = [];
        for (const [n, ms] of calls) {
          clock.advance(ms);
          const chat = chats[n] as ChatId;
          if ((await schedule.tryAcquire(gateway, n % 2 === 0 ? 'answers' : 'progress', chat)) === undefined)
            sent.push({ at: clock.now(), chat });
        }
        const most = (of: readonly { at: number }[], withinMs: number) =>
          Math.max(0, ...of.map(({ at }) => of.filter((other) => other.at >= at && other.at < at + withinMs).length));
        expect(most(sent, 1_000)).to.be.at.most(4);
        for (const chat of chats) {
          const there = sent.filter((each) => each.chat === chat);
          expect(most(there, 1_000)).to.be.at.most(1);
          if (numberIn(chat) < 0) expect(most(there, 60_000)).to.be.at.most(5);
        }
      }),
    );
  });

  it('drafts in a group leave half of the minute to answers', async () => {
    const { schedule, gateway, clock } = stage(TELEGRAM);
    let drafts = 0;
    for (let second = 0; second < 60; second += 3) {
      if ((await schedule.tryAcquire(gateway, 'progress', GROUP)) === undefined) drafts += 1;
      clock.advance(3_000);
    }
    expect(drafts).to.equal(10);
    for (let answers = 0; answers < 10; answers++) {
      expect(await schedule.tryAcquire(gateway, 'answers', GROUP)).to.equal(undefined);
      clock.advance(1_000);
    }
  });

  it('drafts of many chats leave half of all places to answers, also where there is one a second', async () => {
    for (const [sendsPerSecond, seconds] of [
      [30, 1],
      [1, 2],
    ] as const) {
      const { schedule, gateway, clock } = stage({ ...TELEGRAM, sendsPerSecond });
      const admitted = async (lane: 'answers' | 'progress'): Promise<number> => {
        let count = 0;
        for (let person = 1; person <= 40; person++)
          if ((await schedule.tryAcquire(gateway, lane, telegramChat(1_000 + person))) === undefined) count += 1;
        return count;
      };
      let [drafts, answers] = [0, 0];
      for (let second = 0; second < seconds; second++) {
        drafts += await admitted('progress');
        answers += await admitted('answers');
        clock.advance(1_000);
      }
      expect([drafts, answers]).to.deep.equal([(sendsPerSecond * seconds) / 2, (sendsPerSecond * seconds) / 2]);
    }
  });

  it('typing takes nobody’s place', async () => {
    const { schedule, gateway } = stage(TELEGRAM);
    for (let i = 0; i < 100; i++) expect(await schedule.tryAcquire(gateway, 'typing', ada)).to.equal(undefined);
    expect(await schedule.tryAcquire(gateway, 'answers', ada)).to.equal(undefined);
  });

  it('what asks a lane to wait holds that lane and those behind it, in every chat, until it is over', async () => {
    for (const [n, lane] of LANES.entries()) {
      const { schedule, gateway, clock } = stage();
      expect(await schedule.recordRateLimit(gateway, lane, ada, flood(42))).to.equal(true);
      const held = async () => Promise.all(LANES.map((each) => schedule.tryAcquire(gateway, each, telegramChat(502))));
      expect(await held()).to.deep.equal(LANES.map((_, i) => (i < n ? undefined : START + 42_000)));
      clock.advance(42_000);
      expect(await held()).to.deep.equal(LANES.map(() => undefined));
    }
  });

  it('a slow mode holds its own chat only', async () => {
    const { schedule, gateway } = stage();
    await schedule.recordRateLimit(gateway, 'answers', GROUP, flood(30, 'chat'));
    expect(await schedule.tryAcquire(gateway, 'answers', GROUP)).to.equal(START + 30_000);
    expect(await schedule.tryAcquire(gateway, 'typing', GROUP)).to.equal(START + 30_000);
    expect(await schedule.tryAcquire(gateway, 'answers', ada)).to.equal(undefined);
  });

  it('another gateway goes on', async () => {
    const { schedule, gateway } = stage();
    await schedule.recordRateLimit(gateway, 'answers', ada, flood(30));
    expect(await schedule.tryAcquire(makeRecordingGateway({ name: 'other' }), 'answers', ada)).to.equal(undefined);
  });

  it('a restart waits too, and what is over is forgotten', async () => {
    const { schedule, gateway, clock, start, storage } = stage();
    await schedule.recordRateLimit(gateway, 'answers', ada, flood(42));
    await schedule.recordRateLimit(gateway, 'answers', GROUP, flood(10, 'chat'));
    expect(await start().tryAcquire(gateway, 'answers', GROUP)).to.equal(START + 42_000);
    clock.advance(41_999);
    expect(await start().tryAcquire(gateway, 'answers', ada)).to.equal(START + 42_000);
    clock.advance(1);
    expect(await start().tryAcquire(gateway, 'answers', ada)).to.equal(undefined);
    await schedule.recordRateLimit(gateway, 'typing', ada, flood(5));
    expect([...(await storage.state(`outbox:${gateway.name}`).list('')).keys()]).to.deep.equal(['penalty:typing']);
  });

  it('invariant 5: each penalty is logged once, with its seconds; a longer one prolongs it', async () => {
    const { schedule, gateway, logger, clock } = stage();
    for (const seconds of [42, 40, 50]) await schedule.recordRateLimit(gateway, 'answers', ada, flood(seconds));
    expect(logger.lines.map(({ level, fields }) => [level, fields.seconds])).to.deep.equal([['warn', 42]]);
    expect(await schedule.tryAcquire(gateway, 'answers', ada)).to.equal(START + 50_000);
    clock.advance(50_000);
    await schedule.recordRateLimit(gateway, 'answers', ada, flood(60));
    expect(logger.lines.map(({ fields }) => fields.seconds)).to.deep.equal([42, 60]);
  });

  it('a chat’s wish that its rate keeps anyway is no penalty', async () => {
    const { schedule, gateway, logger, storage } = stage(TELEGRAM);
    expect(await schedule.tryAcquire(gateway, 'answers', ada)).to.equal(undefined);
    expect(await schedule.recordRateLimit(gateway, 'answers', ada, flood(1, 'chat'))).to.equal(true);
    expect(await schedule.tryAcquire(gateway, 'answers', ada)).to.equal(START + 1_000);
    expect(logger.lines).to.deep.equal([]);
    expect((await storage.state(`outbox:${gateway.name}`).list('')).size).to.equal(0);
    expect(await schedule.recordRateLimit(gateway, 'answers', ada, flood(2, 'chat'))).to.equal(true);
    expect(await schedule.tryAcquire(gateway, 'answers', ada)).to.equal(START + 2_000);
  });

  it('one that is not told for how long waits half a minute; other failures are nobody’s wish', async () => {
    const { schedule, gateway } = stage();
    const other = new PortError('unavailable', 'down', { retryable: true });
    expect(await schedule.recordRateLimit(gateway, 'answers', ada, other)).to.equal(false);
    expect(await schedule.recordRateLimit(gateway, 'answers', ada, new TypeError('no'))).to.equal(false);
    expect(await schedule.tryAcquire(gateway, 'answers', ada)).to.equal(undefined);
    await schedule.recordRateLimit(gateway, 'answers', ada, new PortError('rate-limited', 'slow down', { retryable: true }));
    expect(await schedule.tryAcquire(gateway, 'answers', ada)).to.equal(START + 30_000);
  });

  it('storage that can not be read admits nobody, and is asked again', async () => {
    const { gateway, clock, logger, storage } = stage();
    let failing = true;
    const schedule = makeSendLimiter({
      state: (name) => ({
        ...storage.state(name),
        list: async (prefix) => {
          if (failing) throw new PortError('unavailable', 'locked', { retryable: true });
          return storage.state(name).list(prefix);
        },
      }),
      clock,
      events: logged(logger),
    });
    const failure = await schedule.tryAcquire(gateway, 'answers', ada).catch((error: unknown) => error);
    expect(failure).to.have.property('code', 'unavailable');
    failing = false;
    expect(await schedule.tryAcquire(gateway, 'answers', ada)).to.equal(undefined);
  });
});
