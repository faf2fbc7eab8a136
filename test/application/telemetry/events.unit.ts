import { expect } from 'chai';
import { makeEvents, makeLogEvents, makeLoggedEvents } from '../../../src/application/index.ts';
import type { ApprovalId, EventOf, KeptEvent } from '../../../src/domain/index.ts';
import { makeFixedClock, makeRecordingLogger, telegramChat, telegramMessage, telegramUser } from '../../../src/testing/index.ts';

const denied = (over: Partial<EventOf<'message-denied'>> = {}): KeptEvent => ({
  type: 'message-denied',
  chatId: telegramChat(666),
  messageId: telegramMessage(1),
  senderId: telegramUser(666),
  rule: 'not-whitelisted',
  path: 'dm_whitelist',
  at: 'arrival',
  ...over,
});

describe('Events', () => {
  it('tell each listener of each event in order, until it is taken off', () => {
    const events = makeEvents();
    const heard: string[] = [];
    const off = events.on(({ type }) => heard.push(type));
    events.emit({ type: 'turn-stopped', chatId: telegramChat(1) });
    events.emit(denied());
    off();
    events.emit(denied());
    expect(heard).to.deep.equal(['turn-stopped', 'message-denied']);
  });

  it('reach the other listeners when one throws, and whoever emits does not notice', () => {
    const faults: unknown[] = [];
    const events = makeEvents([], (error) => faults.push(error));
    const heard: string[] = [];
    events.on(() => {
      throw new Error('broken listener');
    });
    events.on(({ type }) => heard.push(type));
    events.emit(denied());
    expect(heard).to.deep.equal(['message-denied']);
    expect(faults.map(String)).to.deep.equal(['Error: broken listener']);
  });

  it('call a listener that was added twice twice, and take off each by itself', () => {
    const events = makeEvents();
    const heard: string[] = [];
    const listener = ({ type }: KeptEvent): unknown => heard.push(type);
    const off = events.on(listener);
    events.on(listener);
    events.emit(denied());
    off();
    events.emit(denied());
    expect(heard).to.have.length(3);
  });
});

describe('The log of events', () => {
  const make = () => {
    const clock = makeFixedClock();
    const logger = makeRecordingLogger();
    return { clock, lines: logger.lines, log: makeLogEvents({ logger, clock }) };
  };

  it('writes one line with the sentence, the area, and every field but the type', () => {
    const { log, lines } = make();
    log({ type: 'delivery-retried', outboxId: 7 as never, chatId: telegramChat(1), reason: 'is down', waitMs: 500 });
    expect(lines).to.deep.equal([
      {
        level: 'warn',
        area: 'outbox',
        message: 'a message could not be sent; it is sent again',
        fields: { outboxId: 7, chatId: 'telegram:1', reason: 'is down', waitMs: 500 },
      },
    ]);
  });

  it('says of a silence what it holds back, until when, who wants that and why', () => {
    const { log, lines } = make();
    log({ type: 'alert-silenced', target: 'queue.worker', until: 1_000, by: 'operator', reason: 'the machine moves' });
    log({ type: 'alert-silence-ended', target: 'queue.worker', by: 'time' });
    expect(lines.map(({ message, fields }) => ({ message, ...fields }))).to.deep.equal([
      {
        message: 'alerts are silenced',
        target: 'queue.worker',
        until: '1970-01-01T00:00:01.000Z',
        by: 'operator',
        reason: 'the machine moves',
      },
      { message: 'alerts are no longer silenced: the time of the silence is over', target: 'queue.worker', by: 'time' },
    ]);
  });

  it('writes a failed turn as an error, and any other as information', () => {
    const { log, lines } = make();
    const turn = {
      type: 'turn-committed',
      chatId: telegramChat(1),
      turnId: 't1' as never,
      agent: 'a',
      usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 },
      toolCalls: 0,
      messages: 1,
      promises: [],
      schedules: [],
      durationMs: 5,
    } as const;
    log({ ...turn, outcome: 'answered' });
    log({ ...turn, outcome: 'failed', reason: 'no model answered' });
    expect(lines.map(({ level, message }) => [level, message])).to.deep.equal([
      ['info', 'turn committed'],
      ['error', 'turn failed; the people who wait are told'],
    ]);
  });

  it('writes the first denial at once, counts those that follow by rule, and writes the counts after 30 seconds', () => {
    const { clock, log, lines } = make();
    log(denied());
    for (let n = 0; n < 5; n++) log(denied({ rule: n % 2 === 0 ? 'not-whitelisted' : 'unmapped-group' }));
    log(denied({ rule: 'username-pinned-elsewhere' }));
    expect(lines.map(({ level, message }) => [level, message])).to.deep.equal([
      ['warn', 'message denied'],
      ['error', 'a listed username came from another account'],
    ]);
    clock.advance(30_000);
    expect(lines.slice(2)).to.deep.equal([
      {
        level: 'warn',
        area: 'messages',
        message: 'more messages denied',
        fields: { denied: { 'not-whitelisted': 3, 'unmapped-group': 2 }, seconds: 30 },
      },
    ]);
    clock.advance(30_000);
    log(denied());
    expect(lines).to.have.length(4);
  });

  it('writes the counts at once where the process ends', () => {
    const clock = makeFixedClock();
    const logger = makeRecordingLogger();
    const events = makeLoggedEvents({ logger, clock });
    for (let n = 0; n < 5; n++) events.emit(denied());
    clock.advance(12_000);
    events.flush();
    expect(logger.lines.slice(1)).to.deep.equal([
      { level: 'warn', area: 'messages', message: 'more messages denied', fields: { denied: { 'not-whitelisted': 4 }, seconds: 12 } },
    ]);
  });

  it('writes one line for refused decisions in 30 seconds, however fast somebody taps, and counts the rest', () => {
    const { clock, log, lines } = make();
    for (let n = 1; n <= 500; n++) {
      log({
        type: 'approval-refused',
        approvalId: n as ApprovalId,
        by: telegramUser(9),
        verdict: 'approve',
        reason: 'approval/not-entitled',
      });
      log({ type: 'person-over-rate', chatId: telegramChat(1), messageId: telegramMessage(n), senderId: telegramUser(9), perMinute: 1 });
    }
    expect(lines).to.have.length(2);
    clock.advance(30_000);
    expect(lines.slice(2).map(({ message, fields }) => [message, fields])).to.deep.equal([
      ['more decisions on approvals refused', { denied: { 'approval/not-entitled': 499 }, seconds: 30 }],
      ['more messages of people who ask more often than is answered', { denied: { 'telegram:9': 499 }, seconds: 30 }],
    ]);
  });

  it('names the gateway of what a gateway notices', () => {
    const { log, lines } = make();
    log({ type: 'gateway-noticed', gateway: 'telegram', notice: 'connected', facts: { failures: 2 } });
    expect(lines).to.deep.equal([{ level: 'info', area: 'telegram', message: 'connected', fields: { failures: 2 } }]);
  });
});
