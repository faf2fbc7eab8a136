import { expect } from 'chai';
import { FIRST_COOLDOWN_MS } from '../../../src/application/models/cooldowns.ts';
import { withFailover } from '../../../src/application/models/failover.ts';
import { withIdleWatchdog } from '../../../src/application/models/idle-watchdog.ts';
import { makeResilientModel } from '../../../src/application/models/resilient.ts';
import { withRetry } from '../../../src/application/models/retry.ts';
import { withHelp } from '../../../src/application/models/with-help.ts';
import { NO_USAGE } from '../../../src/domain/conversation/turn.ts';
import { present } from '../../../src/domain/shared/present.ts';
import { silentEvents } from '../../../src/ports/index.ts';
import type { LanguageModel, ModelEvent } from '../../../src/ports/language-model.ts';
import { PortError, type PortErrorCode } from '../../../src/ports/port-error.ts';
import { makeFixedClock } from '../../../src/testing/fixed-clock.ts';
import { makeRecordingLogger } from '../../../src/testing/loggers.ts';
import { makeScriptedModel } from '../../../src/testing/scripted-model.ts';
import { makeSeededRandomness } from '../../../src/testing/seeded-randomness.ts';
import { logged } from '../../support/logged.ts';
import { aRequest, ask } from '../../support/model-peer.ts';

const RETRYABLE: readonly PortErrorCode[] = ['unavailable', 'rate-limited', 'timeout', 'malformed-reply'];
const failing = (code: PortErrorCode, retryAfterMs?: number): PortError =>
  new PortError(code, `it was ${code}`, { retryable: RETRYABLE.includes(code), ...present({ retryAfterMs }) });
const types = (events: readonly ModelEvent[]): string[] => events.map(({ type }) => type);

/** Moves time on whenever somebody waits, and tells how long they waited. */
const runAlong = async <T>(clock: ReturnType<typeof makeFixedClock>, work: Promise<T>): Promise<{ result: T; waits: number[] }> => {
  const waits: number[] = [];
  let over = false;
  const done = work.finally(() => {
    over = true;
  });
  for (;;) {
    await Promise.race([done, clock.untilTimer()]);
    if (over) return { result: await done, waits };
    const wait = (await clock.untilTimer()) - clock.now();
    waits.push(wait);
    clock.advance(wait);
  }
};

describe('makeResilientModel', () => {
  it('tells of each model that failed what its operator looks at, also when it fell silent', async () => {
    const clock = makeFixedClock();
    const models = [
      makeScriptedModel([{ error: failing('unauthorised') }]),
      makeScriptedModel([{ hang: true }, { hang: true }, { hang: true }]),
    ];
    const model = makeResilientModel(models, {
      clock,
      randomness: makeSeededRandomness(1),
      events: silentEvents,
      helpFor: ({ name }) => ({ unauthorised: `see the key of ${name}`, timeout: `see the address of ${name}` }),
    });
    const asked = ask(model);
    const { result } = await runAlong(clock, asked);
    expect((result.error as PortError).help).to.equal('see the key of scripted/scripted-1; see the address of scripted/scripted-1');
  });

  it('keeps the help that a model gives itself, and all else of its failure', async () => {
    const error = new PortError('rate-limited', 'slow down', { retryable: true, retryAfterMs: 5, scope: 'chat', help: 'its own' });
    for (const [failure, help] of [
      [error, 'its own'],
      [new PortError(error.code, error.message, { ...present({ ...error, help: undefined }), retryable: true }), 'general'],
    ] as const) {
      const thrown = await ask(withHelp(makeScriptedModel([{ error: failure }]), { 'rate-limited': 'general' }));
      expect(thrown.error).to.include({
        code: 'rate-limited',
        message: 'slow down',
        retryable: true,
        retryAfterMs: 5,
        scope: 'chat',
        help,
      });
    }
  });
});

describe('withIdleWatchdog', () => {
  it('ends a model that streams nothing more, and aborts its call', async () => {
    const clock = makeFixedClock();
    const signals: AbortSignal[] = [];
    const inner = makeScriptedModel([{ hang: true, deltas: ['Hel'] }]);
    const spied: LanguageModel = {
      ...inner,
      respond: (request, options) => {
        signals.push(options.signal);
        return inner.respond(request, options);
      },
    };
    const asked = ask(withIdleWatchdog(spied, { clock, idleMs: 30_000 }));
    clock.advance(29_999);
    expect(signals[0]?.aborted).to.equal(false);
    clock.advance(1);
    const { error, streamed } = await asked;
    expect(error).to.include({ code: 'timeout', retryable: true });
    expect(streamed).to.equal('Hel');
    expect(signals[0]?.aborted).to.equal(true);
    expect(clock.timers).to.equal(0);
  });

  it('gives up a model that sends no text, however lively it is, and tells what it had used', async () => {
    const clock = makeFixedClock();
    const usage = { ...NO_USAGE, inputTokens: 70 };
    const chatty: LanguageModel = {
      name: 'chatty',
      respond: (_, { signal, onEvent }) => {
        const { promise, reject } = Promise.withResolvers<never>();
        const comment = (): void => {
          onEvent({ type: 'activity' });
          if (!signal.aborted) clock.after(10_000, comment);
        };
        comment();
        signal.addEventListener('abort', () => reject(new PortError('aborted', 'ended', { retryable: false, usage })));
        return promise;
      },
    };
    const asked = ask(withIdleWatchdog(chatty, { clock, idleMs: 30_000, textMs: 600_000 }));
    clock.advance(599_999);
    clock.advance(1);
    const { error } = await asked;
    expect(error).to.include({ code: 'timeout', retryable: true });
    expect(error?.message).to.include('sent no text for 600000 ms');
    expect(error?.usage).to.deep.equal(usage);
  });

  it('lets a slow stream live: each event starts the wait anew', async () => {
    const clock = makeFixedClock();
    const slow: LanguageModel = {
      name: 'slow',
      respond: async (_, { onEvent }) => {
        for (let i = 0; i < 5; i++) {
          clock.advance(20_000);
          onEvent(i % 2 === 0 ? { type: 'activity' } : { type: 'text', text: 'x' });
        }
        return { text: 'xx', toolCalls: [], stop: 'end', usage: NO_USAGE, model: 'slow' };
      },
    };
    const { reply } = await ask(withIdleWatchdog(slow, { clock, idleMs: 30_000 }));
    expect(reply?.text).to.equal('xx');
    expect(clock.timers).to.equal(0);
  });

  it('ends even a model that ignores its signal, and passes nothing on afterwards', async () => {
    const clock = makeFixedClock();
    let late: (event: ModelEvent) => void = () => undefined;
    const deaf: LanguageModel = {
      name: 'deaf',
      respond: (_, { onEvent }) => {
        late = onEvent;
        return new Promise(() => undefined);
      },
    };
    const asked = ask(withIdleWatchdog(deaf, { clock, idleMs: 1000 }));
    clock.advance(1000);
    // It is asked what it had used, for a moment.
    await clock.untilTimer();
    clock.advance(1000);
    const { error, events } = await asked;
    late({ type: 'text', text: 'too late' });
    expect(error).to.include({ code: 'timeout' });
    expect(events).to.deep.equal([]);
    expect(clock.timers).to.equal(0);
  });

  it('passes an abort through', async () => {
    const clock = makeFixedClock();
    const abort = new AbortController();
    const asked = ask(withIdleWatchdog(makeScriptedModel([{ hang: true }]), { clock, idleMs: 1000 }), aRequest(), { signal: abort.signal });
    abort.abort();
    expect((await asked).error).to.include({ code: 'aborted' });
  });
});

describe('withRetry', () => {
  const settings = { attempts: 3, baseMs: 1000, maxWaitMs: 10_000 };
  const retrying = (script: Parameters<typeof makeScriptedModel>[0], change: Partial<typeof settings> = {}) => {
    const clock = makeFixedClock();
    const inner = makeScriptedModel(script);
    const logger = makeRecordingLogger();
    const model = withRetry(inner, { clock, randomness: makeSeededRandomness(1), events: logged(logger), ...settings, ...change });
    return { clock, inner, logger, model };
  };

  it('asks again after retryable errors, waiting longer each time, and logs why', async () => {
    const { clock, model, logger } = retrying([{ error: failing('unavailable') }, { error: failing('rate-limited') }, { text: 'done' }]);
    const { result, waits } = await runAlong(clock, ask(model));
    expect(result.reply?.text).to.equal('done');
    expect(waits[0]).to.be.within(1000, 1250);
    expect(waits[1]).to.be.within(2000, 2500);
    expect(logger.lines.map(({ level, fields }) => [level, fields.reason])).to.deep.equal([
      ['warn', 'it was unavailable'],
      ['warn', 'it was rate-limited'],
    ]);
  });

  it('takes back what was streamed, and only then', async () => {
    const { clock, model } = retrying([
      { error: failing('unavailable') },
      { error: failing('unavailable'), deltas: ['Hel'] },
      { text: 'Hello' },
    ]);
    const events: ModelEvent[] = [];
    const signal = new AbortController().signal;
    const { result } = await runAlong(clock, model.respond(aRequest(), { signal, onEvent: (event) => events.push(event) }));
    expect(result.text).to.equal('Hello');
    expect(types(events)).to.deep.equal(['text', 'restart', 'text']);
  });

  it('gives the last error after the last attempt', async () => {
    const { clock, model, inner } = retrying([1, 2, 3, 4].map(() => ({ error: failing('unavailable') })));
    const { result } = await runAlong(clock, ask(model));
    expect(result.error).to.include({ code: 'unavailable' });
    expect(inner.requests).to.have.length(3);
  });

  it('asks once only after an error that repeating does not cure', async () => {
    for (const error of [failing('unauthorised'), failing('invalid-request'), failing('aborted')]) {
      const { clock, model, inner } = retrying([{ error }]);
      expect((await ask(model)).error).to.equal(error);
      expect(inner.requests).to.have.length(1);
      expect(clock.timers).to.equal(0);
    }
  });

  it('honours the wait that was asked for', async () => {
    const { clock, model } = retrying([{ error: failing('rate-limited', 7000) }, { text: 'done' }]);
    expect((await runAlong(clock, ask(model))).waits).to.deep.equal([7000]);
  });

  it('gives up at once where the wait that was asked for is too long', async () => {
    const { clock, model } = retrying([{ error: failing('rate-limited', 3_600_000) }]);
    expect((await ask(model)).error).to.include({ code: 'rate-limited', retryAfterMs: 3_600_000 });
    expect(clock.timers).to.equal(0);
  });

  it('never waits longer than the limit', async () => {
    const { clock, model } = retrying([{ error: failing('unavailable') }, { text: 'done' }], { baseMs: 50_000 });
    expect((await runAlong(clock, ask(model))).waits).to.deep.equal([10_000]);
  });

  it('an abort ends the wait at once', async () => {
    const { clock, model, inner } = retrying([{ error: failing('unavailable') }, { text: 'done' }]);
    const abort = new AbortController();
    const asked = ask(model, aRequest(), { signal: abort.signal });
    await clock.untilTimer();
    abort.abort();
    expect((await asked).error).to.include({ code: 'aborted' });
    expect(inner.requests).to.have.length(1);
    expect(clock.timers).to.equal(0);
  });
});

describe('withFailover', () => {
  const make = (...models: LanguageModel[]) => {
    const clock = makeFixedClock();
    const logger = makeRecordingLogger();
    return { clock, logger, model: withFailover(models, { clock, events: logged(logger) }) };
  };

  it('asks the first alone while it answers', async () => {
    const second = makeScriptedModel([{ text: 'b' }], 'x/b');
    const { model } = make(makeScriptedModel([{ text: 'a' }], 'x/a'), second);
    expect(model.name).to.equal('x/a, then x/b');
    expect((await ask(model)).reply?.text).to.equal('a');
    expect(second.requests).to.have.length(0);
  });

  it('goes on in order after any failure, with a restart between, and logs each', async () => {
    const codes = ['invalid-request', 'malformed-reply', 'rate-limited', 'unauthorised', 'unavailable', 'timeout'] as const;
    for (const code of codes) {
      const { model, logger } = make(
        makeScriptedModel([{ error: failing(code), deltas: ['Hel'] }], 'x/a'),
        makeScriptedModel([{ error: new Error('a bug') }], 'x/b'),
        makeScriptedModel([{ text: 'c' }], 'x/c'),
      );
      const events: ModelEvent[] = [];
      const reply = await model.respond(aRequest(), { signal: new AbortController().signal, onEvent: (event) => events.push(event) });
      expect(reply.text).to.equal('c');
      expect(types(events)).to.deep.equal(['text', 'restart', 'restart', 'text']);
      expect(logger.lines.map(({ level, fields }) => [level, fields.model, fields.reason, fields.next])).to.deep.equal([
        ['warn', 'x/a', `it was ${code}`, 'x/b'],
        ['error', 'x/b', 'a bug', 'x/c'],
      ]);
    }
  });

  it('an abort ends it: nobody else is asked', async () => {
    const second = makeScriptedModel([{ text: 'b' }], 'x/b');
    const { model } = make(makeScriptedModel([{ hang: true }], 'x/a'), second);
    const abort = new AbortController();
    const asked = ask(model, aRequest(), { signal: abort.signal });
    abort.abort();
    expect((await asked).error).to.include({ code: 'aborted' });
    expect(second.requests).to.have.length(0);
  });

  it('names every model and its reason when all fail; retryable if any failure was, after the shortest wait', async () => {
    const { model } = make(
      makeScriptedModel([{ error: failing('unauthorised') }], 'x/a'),
      makeScriptedModel([{ error: failing('rate-limited', 9000) }], 'x/b'),
      makeScriptedModel([{ error: failing('rate-limited', 5000) }], 'x/c'),
    );
    const { error } = await ask(model);
    expect(error).to.include({ code: 'rate-limited', retryable: true, retryAfterMs: 5000 });
    for (const part of ['x/a: it was unauthorised', 'x/b: it was rate-limited', 'x/c']) expect(error?.message).to.include(part);
  });

  it('is not retryable when no failure was', async () => {
    const { model } = make(makeScriptedModel([{ error: failing('unauthorised') }]), makeScriptedModel([{ error: failing('could-not') }]));
    expect((await ask(model)).error).to.include({ code: 'unauthorised', retryable: false });
  });

  for (const code of ['unauthorised', 'unavailable', 'timeout'] as const)
    it(`a model that was ${code} is asked last for a minute, and first again after it`, async () => {
      const first = makeScriptedModel([{ error: failing(code) }, { text: 'a' }], 'x/a');
      const second = makeScriptedModel([{ text: 'b' }, { text: 'b' }], 'x/b');
      const { model, clock } = make(first, second);
      expect((await ask(model)).reply?.text).to.equal('b');
      clock.advance(FIRST_COOLDOWN_MS - 1);
      expect((await ask(model)).reply?.text).to.equal('b');
      expect(first.requests).to.have.length(1);
      clock.advance(1);
      expect((await ask(model)).reply?.text).to.equal('a');
    });

  it('asks a resting model still, rather than nobody', async () => {
    const first = makeScriptedModel([{ error: failing('unavailable') }, { text: 'a' }], 'x/a');
    const second = makeScriptedModel([{ text: 'b' }, { error: failing('unavailable') }], 'x/b');
    const { model } = make(first, second);
    await ask(model);
    const reply = await model.respond(aRequest(), { signal: new AbortController().signal, onEvent: () => undefined });
    expect(reply.text).to.equal('a');
  });

  it('needs a model', () => {
    expect(() => withFailover([], { clock: makeFixedClock(), events: silentEvents })).to.throw(RangeError);
  });
});
