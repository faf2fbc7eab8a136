import { expect } from 'chai';
import { timeIsOver } from '../../../src/application/loops/timers.ts';
import { FIRST_COOLDOWN_MS } from '../../../src/application/models/cooldowns.ts';
import { withFailover } from '../../../src/application/models/failover.ts';
import { withRetry } from '../../../src/application/models/retry.ts';
import { silentEvents } from '../../../src/ports/index.ts';
import type { LanguageModel, ModelEvent } from '../../../src/ports/language-model.ts';
import { makeFixedClock } from '../../../src/testing/fixed-clock.ts';
import { makeRecordingLogger } from '../../../src/testing/loggers.ts';
import { makeRecordingEvents } from '../../../src/testing/recording-events.ts';
import { makeScriptedModel } from '../../../src/testing/scripted-model.ts';
import { makeSeededRandomness } from '../../../src/testing/seeded-randomness.ts';
import { logged } from '../../support/logged.ts';
import { aRequest, ask } from '../../support/model-peer.ts';
import { failing, runAlong, types } from '../support/model-harness.ts';

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

  it('tells which model replied, and how long it alone took', async () => {
    const clock = makeFixedClock();
    const slow: LanguageModel = {
      name: 'slow/one',
      respond: async () => {
        clock.advance(9_000);
        throw failing('unavailable');
      },
    };
    const quick = makeScriptedModel([
      () => {
        clock.advance(700);
        return { text: 'done' };
      },
    ]);
    const { reply } = await ask(withFailover([slow, quick], { clock, events: silentEvents }));
    expect(reply?.by).to.deep.equal({ name: quick.name, durationMs: 700 });
  });

  for (const [how, waitMs, abort, told] of [
    ['its time is over', 30_000, timeIsOver(), 1],
    ['its time is over just after it was asked', 3_000, timeIsOver(), 0],
    ['somebody stops the run', 30_000, undefined, 0],
  ] as const)
    it(`tells ${told === 1 ? 'of' : 'nothing of'} a model that hangs until ${how}`, async () => {
      const clock = makeFixedClock();
      const events = makeRecordingEvents();
      const run = new AbortController();
      const hanging = makeScriptedModel([{ hang: true }]);
      const model = withFailover([hanging], { clock, events });
      const asked = model.respond(aRequest(), { signal: run.signal, onEvent: () => undefined }).catch((error: unknown) => error);
      await hanging.untilAsked(1);
      clock.advance(waitMs);
      run.abort(abort);
      await asked;
      expect(events.of('model-failed').map(({ model: name, code, durationMs }) => [name, code, durationMs])).to.deep.equal(
        told === 1 ? [['scripted/scripted-1', 'timeout', 30_000]] : [],
      );
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
