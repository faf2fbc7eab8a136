import { expect } from 'chai';
import { makeFixedClock } from '../../../../src/testing/index.ts';
import { startMtprotoServer } from '../../../fakes/telegram/index.ts';
import { userOf } from '../../../fakes/telegram/world/state.ts';
import { ACCOUNT, ANN, onStage, type Stage } from '../gateway-stage.ts';
import { loginByScan, options, PASSWORD } from './login-stage.ts';

/** Somebody scans the first code with the app of the account. */
const scanFirst =
  ({ server }: Stage) =>
  (link: string, count: number): void => {
    if (count === 1) server.world.scan(ACCOUNT, link);
  };

describe('Telegram login by QR code', () => {
  it('signs the account in that has scanned the code, and the gateway goes on with the session', () =>
    onStage(options, async (stage) => {
      // No time passes: Telegram's word of the scan is what ends the wait.
      const { self, links, log } = await loginByScan(stage, scanFirst(stage), { clock: makeFixedClock() });
      expect(self).to.deep.equal({ id: ACCOUNT, username: 'kept_person', isBot: false });
      expect(links).to.have.length(1);
      expect(links[0]).to.match(/^tg:\/\/login\?token=[\w-]{20,}$/);
      expect(log).to.not.include(links[0]);
      const life = await stage.start();
      stage.server.world.sendMessage({ from: ANN, chat: ACCOUNT, text: 'hello' });
      await life.untilReceived('hello');
    }));

  it('shows another code before the time of the first is over, and takes the new one', () =>
    onStage(options, async (stage) => {
      const clock = makeFixedClock();
      const { self, links } = await loginByScan(
        stage,
        (link, count) => {
          // The wait begins once the code is shown.
          if (count === 1) setImmediate(() => clock.advance(27_000));
          else stage.server.world.scan(ACCOUNT, link);
        },
        { clock },
      );
      expect(self?.id).to.equal(ACCOUNT);
      expect(new Set(links).size).to.equal(2);
    }));

  it('asks for the second factor, and tells nobody', () =>
    onStage(options, async (stage) => {
      userOf(stage.server.world.state, ACCOUNT).password = PASSWORD;
      const { self, asked, log } = await loginByScan(stage, scanFirst(stage), { passwords: ['wrong', PASSWORD] });
      expect(self?.id).to.equal(ACCOUNT);
      expect(asked).to.deep.equal([{ retry: false }, { retry: true }]);
      expect(log).to.not.include(PASSWORD);
    }));

  for (const password of [undefined, PASSWORD])
    it(`goes to the data centre of the account that has scanned the code${password ? ', and asks for the password there' : ''}`, () =>
      onStage(options, async (stage) => {
        await using other = await startMtprotoServer({ beside: stage.server, dcId: 4 });
        const far = { id: 900, username: 'far_away', phone: '+999 77', dcId: 4 };
        stage.server.world.addUser({ ...far, ...(password === undefined ? {} : { password }) });
        const { self } = await loginByScan(stage, (link) => stage.server.world.scan(far.id, link), { passwords: [PASSWORD] });
        expect(self?.id).to.equal(far.id);
        expect(await stage.state.get('session')).to.match(/"dcId":4/);
        other.assertClean();
      }));

  it('shows another code in the data centre of the account where the first was over on the way', () =>
    onStage(options, async (stage) => {
      await using other = await startMtprotoServer({ beside: stage.server, dcId: 4 });
      stage.server.world.addUser({ id: 900, phone: '+999 77', dcId: 4 });
      other.faults.fail('auth.importLoginToken', 'AUTH_TOKEN_EXPIRED');
      const { self, links } = await loginByScan(stage, (link) => stage.server.world.scan(900, link));
      expect(self?.id).to.equal(900);
      expect(links).to.have.length(2);
    }));

  it('goes on where the connection is lost while somebody looks for their phone', () =>
    onStage(options, async (stage) => {
      const clock = makeFixedClock();
      const { self } = await loginByScan(
        stage,
        (link, count) => {
          if (count > 1) return stage.server.world.scan(ACCOUNT, link);
          stage.server.cutConnections();
          setImmediate(() => clock.advance(27_000));
        },
        { clock },
      );
      expect(self?.id).to.equal(ACCOUNT);
    }));

  it('remembers a flood wait, and says what to do about an application that Telegram does not know', () =>
    onStage(options, async (stage) => {
      stage.server.faults.fail('auth.exportLoginToken', 'API_ID_INVALID');
      const wrong = await loginByScan(stage, scanFirst(stage));
      expect(wrong.error?.message).to.match(/do not belong together: copy both from https:\/\/my\.telegram\.org/);
      stage.server.faults.fail('auth.exportLoginToken', 'FLOOD_WAIT_900');
      expect((await loginByScan(stage, scanFirst(stage))).error).to.include({ code: 'rate-limited', retryAfterMs: 900_000 });
      const before = stage.server.calls.items.length;
      expect((await loginByScan(stage, scanFirst(stage))).error?.code).to.equal('rate-limited');
      expect(stage.server.calls.items).to.have.length(before);
    }));

  it('ends in words where nobody ever scans a code', () =>
    onStage(options, async (stage) => {
      const clock = makeFixedClock();
      const { error, links } = await loginByScan(stage, () => setImmediate(() => clock.advance(27_000)), { clock });
      expect(error?.message).to.equal('nobody has scanned a code: start the login again');
      expect(links).to.have.length(20);
    }));
});
