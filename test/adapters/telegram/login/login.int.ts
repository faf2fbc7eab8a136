import { expect } from 'chai';
import { systemClock, systemRandomness } from '../../../../src/adapters/system/index.ts';
import { loginUser, reachTelegram } from '../../../../src/adapters/telegram/index.ts';
import { isPortError, type PortError } from '../../../../src/ports/index.ts';
import { makeRecordingLogger } from '../../../../src/testing/index.ts';
import { type CodeKind, userOf } from '../../../fakes/telegram/world/state.ts';
import { logged } from '../../../support/logged.ts';
import { ACCOUNT, ANN, BOT, onStage, type Stage } from '../gateway-stage.ts';

const PHONE = '+999 66';
const PASSWORD = 'correct horse';

/** What the person does before they answer a question. */
type Meanwhile = (question: string) => Promise<void> | void;

const login = async (
  { settings, state }: Stage,
  answers: { codes: string[]; passwords?: string[] },
  meanwhile: Meanwhile = () => undefined,
) => {
  const logger = makeRecordingLogger();
  const asked: unknown[] = [];
  const next = (list: string[] | undefined): string => list?.shift() ?? '';
  try {
    const self = await loginUser({
      settings,
      state,
      clock: systemClock,
      randomness: systemRandomness,
      events: logged(logger),
      phone: PHONE,
      askCode: async (question) => {
        asked.push(question);
        await meanwhile('code');
        return next(answers.codes);
      },
      askPassword: async (question) => {
        asked.push(question);
        await meanwhile('password');
        return next(answers.passwords);
      },
    });
    return { self, asked, log: JSON.stringify(logger.lines) };
  } catch (error) {
    if (!isPortError(error)) throw error;
    return { error: error as PortError, asked, log: JSON.stringify(logger.lines) };
  }
};

const codeOf = ({ server }: Stage): string => server.world.loginCode(PHONE);

describe('a look whether Telegram answers', () => {
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

describe('a look at a Telegram that refuses', () => {
  it('rejects with what it says, as a PortError', () =>
    onStage({}, async ({ server, settings }) => {
      server.faults.fail('help.getConfig', 'FLOOD_WAIT_30');
      const asked = { clock: systemClock, timeoutMs: 5_000, signal: new AbortController().signal };
      const failure = await reachTelegram(settings, asked).catch((error: unknown) => error);
      expect(failure).to.deep.include({ code: 'rate-limited', retryAfterMs: 30_000 });
    }));
});

describe('Telegram login', () => {
  const options = { account: 'user', preset: false } as const;

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

  describe('by another way than the app', () => {
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

  describe('while the person takes their time', () => {
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

  describe('that Telegram wants to begin anew', () => {
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
