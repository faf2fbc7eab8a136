import { expect } from 'chai';
import { type CodeKind, userOf } from '../../../fakes/telegram/world/state.ts';
import { ACCOUNT, onStage, type Stage } from '../gateway-stage.ts';
import { codeOf, login, options, PASSWORD, PHONE } from './login-stage.ts';

describe('A login code that comes by another way than the app', () => {
  const person = ({ server }: Stage) => userOf(server.world.state, ACCOUNT);
  const codeBy = ({ server }: Stage, kind: CodeKind): string => server.world.loginCode(PHONE, kind);

  for (const [kind, question] of [
    ['Sms', { sentTo: 'sms', retry: false }],
    ['SmsWord', { sentTo: 'sms-word', detail: 'k', retry: false }],
    ['SmsPhrase', { sentTo: 'sms-phrase', detail: 'quiet', retry: false }],
    ['Call', { sentTo: 'call', retry: false }],
    ['MissedCall', { sentTo: 'missed-call', detail: '+4930', length: 4, retry: false }],
    ['EmailCode', { sentTo: 'email', detail: 'k***@e***.org', retry: false }],
    ['FragmentSms', { sentTo: 'fragment', detail: 'https://fragment.com/numbers', retry: false }],
  ] as const)
    it(`signs in with a code that came as ${kind}, and tells how it comes`, () =>
      onStage(options, async (stage) => {
        person(stage).loginBy = [kind];
        const { self, asked, error } = await login(stage, { codes: [codeBy(stage, kind)] });
        expect(self?.id, error?.message).to.equal(ACCOUNT);
        expect(asked).to.deep.equal([question]);
      }));

  it('asks again after a wrong code by e-mail, and for the password behind it', () =>
    onStage(options, async (stage) => {
      Object.assign(person(stage), { loginBy: ['EmailCode'], password: PASSWORD });
      const { self, asked } = await login(stage, { codes: ['00001', codeBy(stage, 'EmailCode')], passwords: [PASSWORD] });
      expect(self?.id).to.equal(ACCOUNT);
      expect(asked).to.have.length(3);
    }));

  it('says what to do where a login e-mail has to be set up first, and asks for nothing', () =>
    onStage(options, async (stage) => {
      person(stage).loginBy = ['SetUpEmailRequired'];
      const { error, asked } = await login(stage, { codes: ['1'] });
      expect(error).to.deep.include({ code: 'unauthorised', retryable: false });
      expect(error?.message).to.match(/login e-mail .* official Telegram app/);
      expect(asked).to.deep.equal([]);
    }));

  it('sends another code where nothing is entered', () =>
    onStage(options, async (stage) => {
      stage.server.allowNextCodeAfter(0);
      person(stage).loginBy = ['App', 'Sms', 'Call'];
      const { self, asked } = await login(stage, { codes: ['', '', codeBy(stage, 'Call')] });
      expect(self?.id).to.equal(ACCOUNT);
      expect(asked).to.deep.equal([
        { sentTo: 'app', retry: false, again: { by: 'sms', inMs: 0 } },
        { sentTo: 'sms', retry: false, again: { by: 'call', inMs: 0 } },
        { sentTo: 'call', retry: false },
      ]);
    }));

  it('sends no other code before Telegram wants to', () =>
    onStage(options, async (stage) => {
      person(stage).loginBy = ['App', 'Sms'];
      const { self, asked } = await login(stage, { codes: ['', codeOf(stage)] });
      expect(self?.id).to.equal(ACCOUNT);
      expect(asked).to.have.length(2);
      expect(stage.server.calls.items.map(({ method }) => method)).to.not.include('auth.resendCode');
    }));

  it('goes on with the code from before where Telegram sends no other', () =>
    onStage(options, async (stage) => {
      stage.server.allowNextCodeAfter(0);
      person(stage).loginBy = ['App', 'Sms'];
      stage.server.faults.fail('auth.resendCode', 'SEND_CODE_UNAVAILABLE');
      const { self, asked } = await login(stage, { codes: ['', codeOf(stage)] });
      expect(self?.id).to.equal(ACCOUNT);
      expect(asked.at(-1)).to.deep.equal({ sentTo: 'app', retry: false, noOther: true });
    }));

  it('wishes for another kind at once where the code is for apps of Telegram’s own', () =>
    onStage(options, async (stage) => {
      person(stage).loginBy = ['FirebaseSms', 'Sms'];
      const { self, asked } = await login(stage, { codes: [codeBy(stage, 'Sms')] });
      expect(self?.id).to.equal(ACCOUNT);
      expect(asked).to.deep.equal([{ sentTo: 'sms', retry: false }]);
    }));

  it('ends in words where nobody ever enters a code', () =>
    onStage(options, async (stage) => {
      person(stage).loginBy = ['App', 'Sms'];
      const { error } = await login(stage, { codes: [] });
      expect(error?.message).to.match(/no code was entered/);
    }));
});
