import { expect } from 'chai';
import { makeFixedClock } from '../../../../src/testing/index.ts';
import { startMtprotoServer } from '../../../fakes/telegram/index.ts';
import { ACCOUNT, ANN, answer, BOT, logged, onStage, TOKEN } from '../gateway-stage.ts';
import { calls, hello, isUp } from './connection-stage.ts';

describe('The Telegram connection, signing in', () => {
  it('signs a bot in over a full key exchange, once: the next process uses its session', () =>
    onStage({ preset: false }, async (stage) => {
      const first = await stage.start();
      expect(first.gateway.health().status, logged(first)).to.equal('ok');
      await hello(stage, first, 'hello');
      await stage.stop(first);
      const second = await stage.start();
      await hello(stage, second, 'again');
      expect(calls(stage, 'auth.importBotAuthorization')).to.equal(1);
      expect(JSON.stringify([...first.lines, ...second.lines])).to.not.include(TOKEN);
    }));

  it('follows the account to its own data centre, and comes back there', () =>
    onStage({ preset: false }, async (stage) => {
      await using home = await startMtprotoServer({ dcId: 4, beside: stage.server });
      stage.server.world.addUser({ id: 700, username: 'far_bot', isBot: true, token: '700:far', dcId: 4 });
      const settings = { ...stage.settings, account: { kind: 'bot', token: '700:far' } } as const;
      const first = await stage.start({ settings });
      expect(first.gateway.self()?.id, logged(first)).to.equal(700);
      stage.server.world.sendMessage({ from: ANN, chat: 700, text: 'far away' });
      await first.untilReceived('far away');
      await stage.stop(first);
      const second = await stage.start({ settings });
      expect(second.gateway.self()?.id).to.equal(700);
      expect(home.calls.items.filter(({ method }) => method === 'auth.importBotAuthorization')).to.have.length(1);
      home.assertClean();
    }));

  it('waits out a flood wait and stores it: a restart asks nothing before its end', () =>
    onStage({ preset: false }, async (stage) => {
      stage.server.faults.fail('auth.importBotAuthorization', 'FLOOD_WAIT_600');
      const first = await stage.start();
      await first.until('the wait is told', () => /no sign-in for another (600|599) s/.test(first.gateway.health().message));
      await stage.stop(first);
      const second = await stage.start();
      expect(second.gateway.health().message).to.match(/flood wait/);
      expect(calls(stage, 'auth.importBotAuthorization')).to.equal(1);
      await stage.stop(second);
      const later = makeFixedClock(Date.now() + 601_000);
      const third = await stage.start({
        clock: {
          now: later.now,
          after: (ms, action) => {
            const timer = setTimeout(action, ms);
            return () => clearTimeout(timer);
          },
        },
      });
      expect(third.gateway.health().status, logged(third)).to.equal('ok');
    }));

  it('says to log in where a person’s account has no session, and asks nothing of Telegram', () =>
    onStage({ account: 'user', preset: false }, async (stage) => {
      const life = await stage.start();
      expect(life.gateway.health()).to.deep.equal({
        id: 'gateway.telegram',
        status: 'fail',
        message: 'there is no Telegram session yet: run `kept login`',
      });
      expect(stage.server.calls.items).to.deep.equal([]);
    }));

  it('says what to do about a wrong token', () =>
    onStage({ preset: false }, async (stage) => {
      const settings = { ...stage.settings, account: { kind: 'bot', token: `${BOT}:wrong` } } as const;
      const life = await stage.start({ settings });
      expect(life.gateway.health().message).to.match(/does not know the bot's token/);
      expect(calls(stage, 'auth.importBotAuthorization')).to.equal(1);
    }));

  it('does not sign in again after an error that says nothing of the session', () =>
    onStage({}, async (stage) => {
      stage.server.faults.fail('users.getUsers', 'INTERNAL', 2);
      stage.server.faults.fail('users.getUsers', 'FLOOD_WAIT_0');
      const life = await stage.start();
      await life.until('connected', isUp(life));
      expect(calls(stage, 'auth.importBotAuthorization')).to.equal(0);
    }));
});

describe('A Telegram account that is lost', () => {
  for (const error of ['AUTH_KEY_UNREGISTERED', 'SESSION_REVOKED', 'USER_DEACTIVATED_BAN'])
    it(`says what to do about ${error} of a person’s account, and stops trying`, () =>
      onStage({ account: 'user' }, async (stage) => {
        stage.server.faults.fail('users.getUsers', error);
        const life = await stage.start();
        expect(life.gateway.health().message).to.match(error === 'USER_DEACTIVATED_BAN' ? /banned/ : /kept login/);
        expect(life.lines.filter(({ level }) => level === 'error')).to.have.length(1);
        await life.until('the connection is closed', () => stage.server.connections() === 0);
        expect(calls(stage, 'users.getUsers')).to.equal(1);
      }));

  it('is noticed by the next call where its session is revoked', () =>
    onStage({ account: 'user' }, async (stage) => {
      const life = await stage.start();
      stage.server.revoke(ACCOUNT);
      await life.gateway.showTyping(answer(ANN, '').chatId).catch(() => undefined);
      await life.gateway.showTyping(answer(-7, '').chatId).catch(() => undefined);
      await life.until('it is told', () => /kept login/.test(life.gateway.health().message));
    }));

  it('signs in once more with its token where it is a bot’s, and misses nothing', () =>
    onStage({ timing: { probeIntervalMs: 50 } }, async (stage) => {
      const life = await stage.start();
      await hello(stage, life, 'before');
      stage.server.revoke(BOT);
      stage.server.world.sendMessage({ from: ANN, chat: BOT, text: 'during' });
      await life.untilReceived('during');
      expect(calls(stage, 'auth.importBotAuthorization')).to.equal(1);
      stage.server.revoke(BOT);
      await life.until('it gives up', () => /not signed in/.test(life.gateway.health().message));
      expect(calls(stage, 'auth.importBotAuthorization')).to.equal(1);
    }));

  it('counts as lost only when a key that the server has forgotten was tried again', () =>
    onStage({ account: 'user' }, async (stage) => {
      const life = await stage.start();
      stage.server.forgetKeys();
      await life.gateway.showTyping(answer(-7, '').chatId).catch(() => undefined);
      await life.until('it is told', () => /forgotten the session's key/.test(life.gateway.health().message));
      expect(await stage.state.get('session'), 'it may be a mistake of the server').to.be.a('string');
    }));

  it('signs in with a new key where it is a bot’s and its key was forgotten', () =>
    onStage({ timing: { probeIntervalMs: 50 } }, async (stage) => {
      const life = await stage.start();
      await hello(stage, life, 'before');
      stage.server.forgetKeys();
      stage.server.world.sendMessage({ from: ANN, chat: BOT, text: 'during' });
      await life.untilReceived('during');
      expect(calls(stage, 'auth.importBotAuthorization')).to.equal(1);
    }));
});
