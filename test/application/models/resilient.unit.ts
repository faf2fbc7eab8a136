import { expect } from 'chai';
import { withIdleWatchdog } from '../../../src/application/models/idle-watchdog.ts';
import { makeResilientModel } from '../../../src/application/models/resilient.ts';
import { withHelp } from '../../../src/application/models/with-help.ts';
import { NO_USAGE } from '../../../src/domain/conversation/turn.ts';
import { present } from '../../../src/domain/shared/present.ts';
import { silentEvents } from '../../../src/ports/index.ts';
import type { LanguageModel, ModelEvent } from '../../../src/ports/language-model.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { makeFixedClock } from '../../../src/testing/fixed-clock.ts';
import { makeScriptedModel } from '../../../src/testing/scripted-model.ts';
import { makeSeededRandomness } from '../../../src/testing/seeded-randomness.ts';
import { aRequest, ask } from '../../support/model-peer.ts';
import { failing, runAlong } from '../support/model-harness.ts';

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
