import { expect } from 'chai';
import { userOf } from '../../../fakes/telegram/world/state.ts';
import { ACCOUNT, onStage } from '../gateway-stage.ts';
import { codeOf, login, options, PASSWORD } from './login-stage.ts';

describe('A Telegram login while the person takes their time', () => {
  it('checks the password with parameters that are fresh when it was typed', () =>
    onStage(options, async (stage) => {
      userOf(stage.server.world.state, ACCOUNT).password = PASSWORD;
      const { self, error } = await login(stage, { codes: [codeOf(stage)], passwords: [PASSWORD] }, (question) => {
        if (question === 'password') stage.server.expirePasswordChecks();
      });
      expect(self?.id, error?.message).to.equal(ACCOUNT);
    }));

  it('asks no second time for a password whose parameters went stale on the way', () =>
    onStage(options, async (stage) => {
      userOf(stage.server.world.state, ACCOUNT).password = PASSWORD;
      stage.server.faults.fail('auth.checkPassword', 'SRP_ID_INVALID');
      const { self, asked } = await login(stage, { codes: [codeOf(stage)], passwords: [PASSWORD] });
      expect(self?.id).to.equal(ACCOUNT);
      expect(asked).to.have.length(2);
    }));

  it('is connected again where the connection ended meanwhile', () =>
    onStage(options, async (stage) => {
      userOf(stage.server.world.state, ACCOUNT).password = PASSWORD;
      const { self, error } = await login(stage, { codes: [codeOf(stage)], passwords: [PASSWORD] }, () => stage.server.cutConnections());
      expect(self?.id, error?.message).to.equal(ACCOUNT);
    }));
});

describe('A Telegram login that Telegram wants to begin again', () => {
  it('repeats the wish for a code', () =>
    onStage(options, async (stage) => {
      stage.server.faults.fail('auth.sendCode', 'AUTH_RESTART');
      stage.server.faults.fail('auth.sendCode', 'AUTH_RESTART_5');
      const { self, asked } = await login(stage, { codes: [codeOf(stage)] });
      expect(self?.id).to.equal(ACCOUNT);
      expect(asked).to.deep.equal([{ sentTo: 'app', retry: false }]);
    }));

  for (const [method, codes] of [
    ['auth.signIn', 2],
    ['auth.checkPassword', 2],
  ] as const)
    it(`asks for a new code, and says why, where ${method} was told so`, () =>
      onStage(options, async (stage) => {
        userOf(stage.server.world.state, ACCOUNT).password = PASSWORD;
        stage.server.faults.fail(method, 'AUTH_RESTART');
        const { self, asked } = await login(stage, {
          codes: Array.from({ length: codes }, () => codeOf(stage)),
          passwords: [PASSWORD, PASSWORD],
        });
        expect(self?.id).to.equal(ACCOUNT);
        expect(asked).to.deep.include({ sentTo: 'app', retry: false, anew: true });
      }));

  it('gives up where that has no end', () =>
    onStage(options, async (stage) => {
      stage.server.faults.fail('auth.sendCode', 'AUTH_RESTART', 10);
      const { error } = await login(stage, { codes: [codeOf(stage)] });
      expect(error?.code).to.equal('unavailable');
      expect(stage.server.calls.items).to.have.length.lessThan(8);
    }));
});
