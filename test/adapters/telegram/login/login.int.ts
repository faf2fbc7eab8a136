import { expect } from 'chai';
import { userOf } from '../../../fakes/telegram/world/state.ts';
import { ACCOUNT, ANN, BOT, onStage } from '../gateway-stage.ts';
import { codeOf, login, options, PASSWORD } from './login-stage.ts';

describe('Telegram login', () => {
  it('signs a person in with the code, and the gateway goes on with the session', () =>
    onStage(options, async (stage) => {
      const { self, log } = await login(stage, { codes: [codeOf(stage)] });
      expect(self).to.deep.equal({ id: ACCOUNT, username: 'kept_person', isBot: false });
      expect(log).to.not.include(codeOf(stage));
      const life = await stage.start();
      stage.server.world.sendMessage({ from: ANN, chat: ACCOUNT, text: 'hello' });
      await life.untilReceived('hello');
    }));

  it('refuses another account than the one that the data belongs to, and leaves its session alone', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      stage.server.world.sendMessage({ from: ANN, chat: BOT, text: 'hello' });
      await life.untilReceived('hello');
      await stage.stop(life);
      const session = await stage.state.get('session');
      const { error } = await login(stage, { codes: [codeOf(stage)] });
      expect(error?.code).to.equal('unauthorised');
      expect(error?.message).to.match(/belongs to the Telegram account 500, .* is @kept_person \(600\)/);
      expect(await stage.state.get('session')).to.equal(session);
    }));

  it('asks again after a wrong code, and gives up after three', () =>
    onStage(options, async (stage) => {
      const second = await login(stage, { codes: ['00001', codeOf(stage)] });
      expect(second.self?.id).to.equal(ACCOUNT);
      expect(second.asked).to.deep.equal([
        { sentTo: 'app', retry: false },
        { sentTo: 'app', retry: true },
      ]);
      const never = await login(stage, { codes: ['00001', '00002', '00003', codeOf(stage)] });
      expect(never.error).to.deep.include({ code: 'unauthorised', retryable: false });
    }));

  it('asks for the second factor, shows its hint, and tells nobody', () =>
    onStage(options, async (stage) => {
      const user = stage.server.world.state.users.get(ACCOUNT);
      if (user) user.password = PASSWORD;
      const { self, asked, log } = await login(stage, { codes: [codeOf(stage)], passwords: ['wrong', PASSWORD] });
      expect(self?.id).to.equal(ACCOUNT);
      expect(asked).to.have.length(3);
      expect(log).to.not.include(PASSWORD);
      expect(await stage.state.get('session')).to.not.include(PASSWORD);
    }));

  it('remembers a flood wait: nothing is asked of Telegram before its end', () =>
    onStage(options, async (stage) => {
      stage.server.faults.fail('auth.sendCode', 'FLOOD_WAIT_900');
      const first = await login(stage, { codes: [] });
      expect(first.error).to.deep.include({ code: 'rate-limited', retryAfterMs: 900_000 });
      const before = stage.server.calls.items.length;
      const second = await login(stage, { codes: [codeOf(stage)] });
      expect(second.error?.code).to.equal('rate-limited');
      expect(second.error?.retryAfterMs).to.be.within(890_000, 900_000);
      expect(stage.server.calls.items).to.have.length(before);
    }));

  it('says what is wrong with the telephone number', () =>
    onStage(options, async (stage) => {
      stage.server.faults.fail('auth.sendCode', 'PHONE_NUMBER_INVALID');
      const { error } = await login(stage, { codes: [] });
      expect(error).to.deep.include({ code: 'invalid-request', message: 'Telegram: PHONE_NUMBER_INVALID' });
      expect(await stage.state.get('session')).to.equal(undefined);
    }));

  it('makes nobody an account, and says so', () =>
    onStage(options, async (stage) => {
      userOf(stage.server.world.state, ACCOUNT).unregistered = true;
      const { error } = await login(stage, { codes: [codeOf(stage)] });
      expect(error).to.deep.include({ code: 'unauthorised', retryable: false });
      expect(error?.message).to.match(/make one with a Telegram app first/);
    }));

  it('leaves an older session alone when it fails', () =>
    onStage({ account: 'user' }, async (stage) => {
      const before = await stage.state.get('session');
      await login(stage, { codes: ['1', '2', '3'] });
      expect(await stage.state.get('session')).to.equal(before);
    }));

  for (const [error, words] of [
    ['PHONE_NUMBER_BANNED', /has banned this telephone number/],
    ['PHONE_NUMBER_FLOOD', /try again tomorrow/],
    ['PHONE_PASSWORD_FLOOD', /try again tomorrow/],
    ['PHONE_NUMBER_UNOCCUPIED', /make one with a Telegram app/],
    ['UPDATE_APP_TO_LOGIN', /newer app/],
  ] as const)
    it(`says what to do about ${error}`, () =>
      onStage(options, async (stage) => {
        stage.server.faults.fail('auth.sendCode', error);
        const { error: failure } = await login(stage, { codes: [] });
        expect(failure).to.deep.include({ code: 'unauthorised', retryable: false });
        expect(failure?.message).to.match(words).and.include(error);
      }));
});
