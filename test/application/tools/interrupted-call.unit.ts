import { expect } from 'chai';
import { makeAskOutcome } from '../../../src/application/tools/interrupted-call.ts';
import { PortError, type Tool } from '../../../src/ports/index.ts';
import { buildTool, makeFixedClock, makeRecordingEvents, telegramChat, telegramUser } from '../../../src/testing/index.ts';
import { redact, SECRET, settle } from '../support/harness.ts';

describe('What became of an interrupted call', () => {
  const stage = (outcomeOf?: Tool['outcomeOf']) => {
    const [clock, events] = [makeFixedClock(), makeRecordingEvents()];
    const abort = new AbortController();
    const tool = buildTool({ name: 'send', effect: 'acts', timeoutMs: 5_000, ...(outcomeOf ? { outcomeOf } : {}) });
    const ask = (asked: Tool | undefined = tool) =>
      makeAskOutcome({ clock, events, redact })(
        asked,
        {},
        {
          chatId: telegramChat(501),
          chatKind: 'direct',
          requestedBy: { id: telegramUser(501) },
          scope: { directory: '/srv' },
          signal: abort.signal,
          callKey: 'r-0-0',
        },
      );
    return { clock, events, abort, ask };
  };

  it('is what the tool says, without secrets', async () => {
    expect(await stage(async () => ({ output: `sent with ${SECRET}`, isError: false })).ask()).to.deep.equal({
      output: 'sent with [redacted]',
      isError: false,
    });
    expect(await stage(async () => 'not-run').ask()).to.equal('not-run');
  });

  it('is unknown where the tool is gone, can not say, or fails', async () => {
    const { ask } = stage();
    expect(await ask()).to.equal('unknown');
    const failing = stage(() => Promise.reject(new PortError('unavailable', 'it is down', { retryable: true })));
    expect(await failing.ask()).to.equal('unknown');
    expect(failing.events.of('tool-crashed')).to.deep.equal([]);
    const crashing = stage(() => Promise.reject(new TypeError('a mistake')));
    expect(await crashing.ask()).to.equal('unknown');
    expect(crashing.events.of('tool-crashed')).to.have.length(1);
  });

  it('is unknown where the tool does not say it in its own time, which is no crash', async () => {
    const { ask, clock, events } = stage(
      (_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    const asked = ask();
    clock.advance(4_999);
    await settle();
    clock.advance(1);
    expect(await asked).to.equal('unknown');
    expect(events.of('tool-crashed')).to.deep.equal([]);
  });

  it('is not waited for once the run is over', async () => {
    const { ask, abort } = stage(
      (_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    const asked = ask().catch((error: unknown) => error);
    abort.abort();
    expect(await asked).to.be.instanceOf(Error);
  });
});
