import { expect } from 'chai';
import { systemClock } from '../../../../src/adapters/system/index.ts';
import { reachTelegram } from '../../../../src/adapters/telegram/index.ts';
import { ANN, BOT, onStage } from '../gateway-stage.ts';

describe('A look whether Telegram answers', () => {
  it('signs nobody in, keeps no session, and disturbs none that is in use', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      const session = await stage.state.get('session');
      const asked = { clock: systemClock, timeoutMs: 5_000, signal: new AbortController().signal };
      expect(await reachTelegram(stage.settings, asked)).to.match(/^answers at 127\.0\.0\.1:\d+; nobody was signed in$/);
      expect(await stage.state.get('session')).to.equal(session);
      stage.server.world.sendMessage({ from: ANN, chat: BOT, text: 'still here' });
      await life.untilReceived('still here');
    }));
});

describe('A look at a Telegram that refuses', () => {
  it('rejects with what it says, as a PortError', () =>
    onStage({}, async ({ server, settings }) => {
      server.faults.fail('help.getConfig', 'FLOOD_WAIT_30');
      const asked = { clock: systemClock, timeoutMs: 5_000, signal: new AbortController().signal };
      const failure = await reachTelegram(settings, asked).catch((error: unknown) => error);
      expect(failure).to.deep.include({ code: 'rate-limited', retryAfterMs: 30_000 });
    }));
});
