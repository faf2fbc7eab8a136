import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { FIRST_COOLDOWN_MS, makeModelCooldowns } from '../../../src/application/models/cooldowns.ts';
import { makeResilientModel } from '../../../src/application/models/resilient.ts';
import { NO_USAGE, type Usage } from '../../../src/domain/conversation/turn.ts';
import { silentEvents } from '../../../src/ports/index.ts';
import { PortError, type PortErrorCode } from '../../../src/ports/port-error.ts';
import { type FixedClock, makeFixedClock } from '../../../src/testing/fixed-clock.ts';
import { makeScriptedModel, type ScriptedStep } from '../../../src/testing/scripted-model.ts';
import { makeSeededRandomness } from '../../../src/testing/seeded-randomness.ts';
import { aRequest, ask } from '../../support/model-peer.ts';

const HOUR_MS = 3_600_000;
const tokens = (count: number): Usage => ({ ...NO_USAGE, inputTokens: count });
const failing = (code: PortErrorCode, options: { retryAfterMs?: number; usage?: Usage } = {}): ScriptedStep => ({
  error: new PortError(code, `it was ${code}`, { retryable: code === 'rate-limited' || code === 'unavailable', ...options }),
});
const again = (count: number, step: ScriptedStep): ScriptedStep[] => Array.from({ length: count }, () => step);

const two = (first: readonly ScriptedStep[], second: readonly ScriptedStep[], clock: FixedClock = makeFixedClock()) => {
  const models = [makeScriptedModel(first, 'x/a'), makeScriptedModel(second, 'x/b')] as const;
  const cooldownStore = makeMemoryStorage().state('models');
  const make = () => makeResilientModel(models, { clock, randomness: makeSeededRandomness(1), events: silentEvents, cooldownStore });
  return { clock, models, cooldownStore, make, model: make(), asked: () => models.map(({ requests }) => requests.length) };
};

/** Moves time on whenever somebody waits. */
const along = async <T>(clock: FixedClock, work: Promise<T>): Promise<T> => {
  let over = false;
  const done = work.finally(() => {
    over = true;
  });
  for (;;) {
    // What can happen at this moment of the clock has happened then.
    await turnOfTheLoop();
    if (over) return await done;
    clock.advance((await clock.untilTimer()) - clock.now());
  }
};

describe('A model that asked to be left alone', () => {
  it('does not ask a model in its cooldown, in any later call', async () => {
    const { model, asked, clock } = two([failing('rate-limited', { retryAfterMs: HOUR_MS }), { text: 'a' }], again(5, { text: 'b' }));
    for (let turn = 1; turn <= 5; turn++) expect((await ask(model)).reply?.text).to.equal('b');
    expect(asked()).to.deep.equal([1, 5]);
    clock.advance(HOUR_MS);
    expect((await ask(model)).reply?.text).to.equal('a');
  });

  it('keeps the cooldown of a model if a call that was under way succeeds after it began', async () => {
    const clock = makeFixedClock();
    const cooldowns = makeModelCooldowns({ clock, events: silentEvents });
    await cooldowns.failed('x/a', new PortError('rate-limited', 'slower', { retryable: true, retryAfterMs: HOUR_MS }));
    await cooldowns.answered('x/a');
    expect(cooldowns.of('x/a')).to.include({ until: clock.now() + HOUR_MS, asked: true });
    clock.advance(HOUR_MS);
    await cooldowns.answered('x/a');
    await cooldowns.failed('x/a', new PortError('unavailable', 'down', { retryable: true }));
    expect(cooldowns.of('x/a'), 'its failures are counted anew').to.include({ until: clock.now() + FIRST_COOLDOWN_MS, failures: 1 });
  });

  it('asks no model if all are in a cooldown, and says when to come back', async () => {
    const { model, asked, clock } = two(
      [failing('rate-limited', { retryAfterMs: HOUR_MS })],
      [failing('unavailable', { retryAfterMs: 2 * HOUR_MS })],
    );
    expect((await ask(model)).error).to.include({ code: 'rate-limited', retryAfterMs: HOUR_MS });
    clock.advance(1000);
    const { error } = await ask(model);
    expect(error).to.include({ code: 'resting', retryable: true, retryAfterMs: HOUR_MS - 1000 });
    for (const name of ['x/a', 'x/b']) expect(error?.message).to.include(name);
    expect(asked()).to.deep.equal([1, 1]);
  });

  it('keeps a cooldown that a model asked for over a restart, but not one for its failures', async () => {
    const tired = two([failing('rate-limited', { retryAfterMs: HOUR_MS })], again(2, { text: 'b' }));
    await ask(tired.model);
    tired.clock.advance(1);
    expect((await ask(tired.make())).reply?.text).to.equal('b');
    expect(tired.asked()).to.deep.equal([1, 2]);

    const refused = two([failing('unauthorised'), { text: 'a' }], again(2, { text: 'b' }));
    await ask(refused.model);
    refused.clock.advance(1);
    expect((await ask(refused.make())).reply?.text, 'it may have a new key').to.equal('a');
  });

  it('shares the cooldown of a model with other processes on the same storage', async () => {
    const { make, asked } = two([failing('out-of-credit'), { text: 'a' }], again(2, { text: 'b' }));
    const [bot, worker] = [make(), make()];
    await ask(bot);
    expect((await ask(worker)).reply?.text).to.equal('b');
    expect(asked()).to.deep.equal([1, 2]);
  });

  it('knows cooldowns in memory if their storage fails', async () => {
    const clock = makeFixedClock();
    const broken = async () => {
      throw new PortError('unavailable', 'no storage', { retryable: true });
    };
    const cooldowns = makeModelCooldowns({ clock, events: silentEvents, store: { list: broken, set: broken } });
    await cooldowns.failed('x/a', new PortError('unavailable', 'down', { retryable: true }));
    await cooldowns.refresh();
    expect(cooldowns.of('x/a')).to.include({ code: 'unavailable' });
  });
});

describe('A model that fails again and again', () => {
  it('doubles the cooldown of a model at each failure, up to a quarter of an hour, until it answers', async () => {
    const clock = makeFixedClock();
    const cooldowns = makeModelCooldowns({ clock, events: silentEvents });
    const failed = async (): Promise<number> => {
      await cooldowns.failed('x/a', new PortError('unavailable', 'down', { retryable: true }));
      const ms = (cooldowns.of('x/a')?.until ?? 0) - clock.now();
      clock.advance(ms);
      return ms / FIRST_COOLDOWN_MS;
    };
    expect([await failed(), await failed(), await failed(), await failed(), await failed()]).to.deep.equal([1, 2, 4, 8, 15]);
    await cooldowns.answered('x/a');
    expect(await failed()).to.equal(1);
  });

  it('counts calls that fail at the same time as one failure of the model', async () => {
    const clock = makeFixedClock();
    const cooldowns = makeModelCooldowns({ clock, events: silentEvents });
    const down = new PortError('unavailable', 'down', { retryable: true });
    await Promise.all([cooldowns.failed('x/a', down), cooldowns.failed('x/a', down), cooldowns.failed('x/a', down)]);
    expect(cooldowns.of('x/a')).to.include({ until: clock.now() + FIRST_COOLDOWN_MS });
  });
});

describe('A model that is silent, with another that stands by', () => {
  const request = (answerBy: number | undefined) => ({ signal: new AbortController().signal, onEvent: () => undefined, answerBy });

  it('leaves a silent model in time for the next if somebody waits, and begins its cooldown', async () => {
    const { model, clock, asked } = two([{ hang: true }], again(2, { text: 'b' }));
    const begun = clock.now();
    const reply = await along(clock, model.respond(aRequest(), request(begun + 30_000)));
    expect(reply.text).to.equal('b');
    expect(clock.now() - begun).to.equal(15_000);
    expect((await model.respond(aRequest(), request(clock.now() + 30_000))).text).to.equal('b');
    expect(asked()).to.deep.equal([1, 2]);
  });

  it('waits for a silent model up to its limit if nobody waits, and asks it once', async () => {
    const { model, clock, asked } = two([{ hang: true }], [{ text: 'b' }]);
    const begun = clock.now();
    expect((await along(clock, ask(model))).reply?.text).to.equal('b');
    expect([clock.now() - begun, ...asked()]).to.deep.equal([60_000, 1, 1]);
  });

  it('asks a silent model again if the other one is in a cooldown', async () => {
    const { model, clock, asked } = two([{ text: 'a' }, { hang: true }, { text: 'a' }], [failing('unauthorised')]);
    await ask(model);
    const down = two([failing('unauthorised'), { text: 'a' }], [{ hang: true }, { text: 'b' }], clock);
    expect((await along(clock, down.model.respond(aRequest(), request(undefined)))).text).to.equal('b');
    expect(down.asked()).to.deep.equal([1, 2]);
    expect(asked()).to.deep.equal([1, 0]);
  });
});

describe('A model that asks for a short wait', () => {
  it('asks the next model at once if a model asks for a short wait', async () => {
    const wait = failing('rate-limited', { retryAfterMs: 7_000 });
    const { model, clock, asked } = two([wait, { text: 'a' }], [{ text: 'b' }]);
    expect((await ask(model)).reply?.text).to.equal('b');
    expect([clock.timers, ...asked()]).to.deep.equal([0, 1, 1]);
  });
});

describe('Models that fail in different ways', () => {
  it('reports a request as too long if it is for one of the failed models', async () => {
    for (const code of ['too-long', 'invalid-request'] as const)
      for (const other of ['unauthorised', 'could-not', code] as const) {
        const { model } = two([failing(other)], [failing(code)]);
        expect((await ask(model)).error).to.include({ code });
      }
  });

  it('reports a failure as retryable if that of one model is', async () => {
    const { model } = two([failing('too-long')], [failing('unavailable', { retryAfterMs: HOUR_MS })]);
    expect((await ask(model)).error).to.include({ code: 'too-long', retryable: true, retryAfterMs: HOUR_MS });
  });
});

describe('A model that declines', () => {
  const declining = { text: 'Sure, step one', stop: 'refusal', refusal: 'cyber', usage: tokens(5) } as const;

  it('asks the next model after one that declines, with a restart in between', async () => {
    const { model } = two([declining], [{ text: 'b', usage: tokens(3) }]);
    const types: string[] = [];
    const onEvent = ({ type }: { type: string }) => types.push(type);
    const reply = await model.respond(aRequest(), { signal: new AbortController().signal, onEvent });
    expect(reply).to.deep.include({ text: 'b', stop: 'end', usage: tokens(8) });
    expect(types).to.deep.equal(['text', 'restart', 'text']);
  });

  it('reports that a model declined if the next declines or fails, and begins no cooldown', async () => {
    for (const second of [{ text: 'No.', stop: 'refusal', usage: tokens(2) } as const, failing('invalid-request', { usage: tokens(2) })]) {
      const { model, models } = two([declining, { text: 'a' }], [second]);
      const signal = new AbortController().signal;
      const reply = await model.respond(aRequest(), { signal, onEvent: () => undefined });
      expect(reply).to.deep.include({ stop: 'refusal', refusal: 'cyber', usage: tokens(7) });
      expect((await ask(model)).reply?.text).to.equal('a');
      expect(models[1].requests).to.have.length(1);
    }
  });
});

describe('What failed calls had used', () => {
  it('adds the usage of failed calls to the reply of the same model or of the next', async () => {
    const { model, clock } = two([...again(2, failing('unavailable', { usage: tokens(100) })), { text: 'a', usage: tokens(100) }], []);
    expect((await along(clock, ask(model))).reply?.usage).to.deep.equal(tokens(300));
    const next = two([failing('invalid-request', { usage: tokens(10) })], [{ text: 'b', usage: tokens(1) }]);
    expect((await ask(next.model)).reply?.usage).to.deep.equal(tokens(11));
  });

  it('adds the usage of failed calls to the failure if all fail, and to an abort', async () => {
    const { model, clock } = two(again(3, failing('unavailable', { usage: tokens(100) })), [failing('unauthorised', { usage: tokens(1) })]);
    expect((await along(clock, ask(model))).error?.usage).to.deep.equal(tokens(301));

    const waiting = two([failing('unavailable', { usage: tokens(7) })], []);
    const abort = new AbortController();
    const asked = ask(waiting.model, aRequest(), { signal: abort.signal });
    await turnOfTheLoop();
    abort.abort();
    expect((await asked).error).to.deep.include({ code: 'aborted', usage: tokens(7) });
  });
});
