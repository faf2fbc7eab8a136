import { expect } from 'chai';
import { makeLoggedEvents } from '../../../src/application/index.ts';
import { withoutFloods } from '../../../src/application/telemetry/without-floods.ts';
import type { Logger } from '../../../src/ports/index.ts';
import { makeFixedClock } from '../../../src/testing/index.ts';

interface Line {
  readonly level: string;
  readonly area: string;
  readonly message: string;
  readonly fields: unknown;
}

const recorded = () => {
  const lines: Line[] = [];
  const clock = makeFixedClock();
  const loggerOf = (area: string): Logger => {
    const add = (level: string) => (fields: unknown, message: string) => void lines.push({ level, area, message, fields });
    return { debug: add('debug'), info: add('info'), warn: add('warn'), error: add('error'), child: loggerOf };
  };
  return { lines, clock, logger: loggerOf('') };
};

describe('A flood in the log', () => {
  it('is written twenty times, and then counted: each message, level and area by itself', () => {
    const { lines, clock, logger: plain } = recorded();
    const { logger } = withoutFloods(plain, clock);
    for (let i = 0; i < 1_000; i++) {
      logger.child('models').warn({ i }, 'a model failed');
      logger.child('models').error({ i }, 'a model failed');
      logger.child('turns').warn({ i }, 'a model failed');
      logger.warn({ i }, `another ${i % 2}`);
      logger.info({ i }, 'all is well');
    }
    expect(lines.filter(({ level }) => level === 'info')).to.have.length(1_000);
    const grave = lines.filter(({ level }) => level !== 'info');
    expect(grave).to.have.length(100);
    expect(grave.map(({ fields }) => (fields as { i: number }).i).every((i) => i < 40)).to.equal(true);
    const before = lines.length;
    clock.advance(30_000);
    expect(lines.slice(before)).to.have.deep.members([
      { level: 'warn', area: 'models', message: 'more of the same: a model failed', fields: { more: 980, seconds: 30 } },
      { level: 'error', area: 'models', message: 'more of the same: a model failed', fields: { more: 980, seconds: 30 } },
      { level: 'warn', area: 'turns', message: 'more of the same: a model failed', fields: { more: 980, seconds: 30 } },
      { level: 'warn', area: '', message: 'more of the same: another 0', fields: { more: 480, seconds: 30 } },
      { level: 'warn', area: '', message: 'more of the same: another 1', fields: { more: 480, seconds: 30 } },
    ]);
  });

  it('has one line with its details in each window while it lasts, and all of them once it ebbs', () => {
    const { lines, clock, logger: plain } = recorded();
    const { logger } = withoutFloods(plain, clock);
    const written = (count: number): readonly unknown[] => {
      lines.length = 0;
      for (let i = 0; i < count; i++) logger.error({ i }, 'down');
      clock.advance(30_000);
      return lines.map(({ fields }) => fields);
    };
    expect(written(1_000)).to.have.length(21);
    for (let n = 0; n < 3; n++) expect(written(1_000)).to.deep.equal([{ i: 0 }, { more: 999, seconds: 30 }]);
    expect(written(1)).to.deep.equal([{ i: 0 }]);
    expect(written(20)).to.have.length(20);
  });

  it('hides no failure that comes after it', () => {
    const { lines, clock, logger: plain } = recorded();
    const { logger } = withoutFloods(plain, clock);
    for (let i = 0; i < 21; i++) logger.warn({}, 'down');
    for (let i = 0; i < 144; i++) {
      clock.advance(25_000);
      logger.warn({ promiseId: i }, 'down');
    }
    const shown = lines.flatMap(({ fields }) => (fields as { promiseId?: number }).promiseId ?? []);
    // The first comes within the window of the burst.
    expect(shown).to.deep.equal(Array.from({ length: 143 }, (_, i) => i + 1));
  });

  it('is told of before its window ends where the process does, once', () => {
    const { lines, clock, logger: plain } = recorded();
    const { logger, flush } = withoutFloods(plain, clock);
    for (let i = 0; i < 1_020; i++) logger.child('models').warn({ i }, 'a model failed');
    logger.error({}, 'one of its kind');
    lines.length = 0;
    clock.advance(7_000);
    flush();
    flush();
    expect(lines).to.deep.equal([
      { level: 'warn', area: 'models', message: 'more of the same: a model failed', fields: { more: 1_000, seconds: 7 } },
    ]);
    logger.child('models').warn({}, 'a model failed');
    clock.advance(23_000);
    expect(lines.slice(1).map(({ fields }) => fields)).to.deep.equal([{ more: 1, seconds: 23 }]);
  });

  it('of messages that are all different takes bounded memory and few lines', () => {
    const { lines, clock, logger: plain } = recorded();
    const { logger } = withoutFloods(plain, clock);
    for (let i = 0; i < 10_000; i++) logger.warn({}, `message ${i}`);
    expect(lines).to.have.length(500);
    clock.advance(30_000);
    expect(lines.slice(500).map(({ message, fields }) => [message, fields])).to.deep.equal([
      ['more of other messages', { more: 9_500, seconds: 30 }],
    ]);
  });

  it('of events, whichever they are, and of listeners that throw is counted as well', () => {
    const { lines, clock, logger } = recorded();
    const events = makeLoggedEvents({ logger, clock });
    events.on(() => {
      throw new Error('broken');
    });
    for (let i = 0; i < 500; i++) events.emit({ type: 'storage-retried', promiseId: i as never, reason: 'is away' } as never);
    expect(lines).to.have.length(40);
    clock.advance(30_000);
    expect(lines.slice(40).map(({ area, message, fields }) => [area, message, fields])).to.deep.equal([
      ['promises', 'more of the same: what a run needs could not be read from storage; it is read again', { more: 480, seconds: 30 }],
      ['', 'more of the same: a listener of events threw', { more: 480, seconds: 30 }],
    ]);
  });
});
