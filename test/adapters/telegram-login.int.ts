import { expect } from 'chai';
import { systemClock, systemRandomness } from '../../src/adapters/system/index.ts';
import { loginUser, reachTelegram } from '../../src/adapters/telegram/index.ts';
import { isPortError, type PortError } from '../../src/ports/index.ts';
import { makeRecordingLogger } from '../../src/testing/index.ts';
import { ACCOUNT, ANN, BOT, onStage, type Stage } from './telegram-gateway-stage.ts';

const PHONE = '+999 66';
const PASSWORD = 'correct horse';

const login = async ({ settings, state }: Stage, answers: { codes: string[]; passwords?: string[] }) => {
  const logger = makeRecordingLogger();
  const asked: unknown[] = [];
  const next = (list: string[] | undefined): string => list?.shift() ?? '';
  try {
    const self = await loginUser({
      ...{ settings, state, clock: systemClock, randomness: systemRandomness, logger, phone: PHONE },
      askCode: async (question) => {
        asked.push(question);
        return next(answers.codes);
      },
      askPassword: async (question) => {
        asked.push(question);
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
      const asked = { clock: systemClock, logger: makeRecordingLogger(), timeoutMs: 5_000, signal: new AbortController().signal };
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
      const asked = { clock: systemClock, logger: makeRecordingLogger(), timeoutMs: 5_000, signal: new AbortController().signal };
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

  it('leaves an older session alone when it fails', () =>
    onStage({ account: 'user' }, async (stage) => {
      const before = await stage.state.get('session');
      await login(stage, { codes: ['1', '2', '3'] });
      expect(await stage.state.get('session')).to.equal(before);
    }));
});
