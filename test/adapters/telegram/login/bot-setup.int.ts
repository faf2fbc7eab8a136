import { expect } from 'chai';
import { systemClock, systemRandomness } from '../../../../src/adapters/system/index.ts';
import { type BotSetup, openBotSetup, type PrivateWords } from '../../../../src/adapters/telegram/index.ts';
import type { ChatId } from '../../../../src/domain/index.ts';
import { type PortError, silentEvents } from '../../../../src/ports/index.ts';
import { telegramChat } from '../../../../src/testing/index.ts';
import { ANN, BOT, makeWatch, onStage, type Stage, SUPERGROUP, TOKEN } from '../gateway-stage.ts';

const MARKED = -1_000_000_000_000 - SUPERGROUP;

const open = ({ settings, state }: Pick<Stage, 'settings' | 'state'>, token = TOKEN): Promise<BotSetup> =>
  openBotSetup({ settings, state, token, clock: systemClock, randomness: systemRandomness, events: silentEvents });

/** What the bot hears, from the beginning. */
const listenTo = (setup: BotSetup) => {
  const heard: { readonly words: PrivateWords[]; readonly groups: ChatId[] } = { words: [], groups: [] };
  const watch = makeWatch();
  setup.listen({
    onPrivate: (said) => {
      heard.words.push(said);
      watch.changed();
    },
    onGroup: (group) => {
      heard.groups.push(group);
      watch.changed();
    },
  });
  return { ...heard, until: watch.until };
};

describe('A bot that is set up', () => {
  const options = { preset: false } as const;

  it('proves its token, tells who writes to it in private, answers them, and signs out', () =>
    onStage(options, async (stage) => {
      const setup = await open(stage);
      expect(setup.self).to.include({ id: BOT, isBot: true });
      const { words, until } = listenTo(setup);
      stage.server.world.sendMessage({ from: ANN, chat: BOT, text: '/start 0123' });
      await until('the message', () => words.length === 1);
      expect(words[0]).to.include({ person: `telegram:${ANN}`, text: '/start 0123' });
      expect(words[0]?.name).to.be.a('string');
      await setup.say(words[0]?.person ?? ('' as never), 'That is you.');
      expect(stage.server.sent.items.map(({ chat, text }) => [chat, text])).to.deep.equal([[ANN, 'That is you.']]);
      await setup.close();
      expect(stage.server.calls.items.at(-1)).to.include({ method: 'auth.logOut', outcome: 'ok' });
    }));

  it('hears from a group that it is added to, in privacy mode, too, and says what it may do there', () =>
    onStage({ ...options, privacyMode: true }, async (stage) => {
      const { world } = stage.server;
      const setup = await open(stage);
      const { groups, until } = listenTo(setup);
      world.removeMember(MARKED, BOT);
      world.sendMessage({ from: ANN, chat: MARKED, text: 'not for it' });
      world.setMember(MARKED, BOT);
      world.sendMessage({ from: ANN, chat: MARKED, text: '', action: { _: 'messageActionChatAddUser', users: [BigInt(BOT)] } });
      await until('the group', () => groups.length > 0);
      expect(groups[0]).to.equal(telegramChat(MARKED));
      const rightsNow = async () => (await setup.rights([telegramChat(MARKED)])).groups[0]?.state;
      expect(await rightsNow()).to.equal('member');
      world.setMember(MARKED, BOT, { role: 'admin' });
      expect(await rightsNow()).to.equal('admin');
      world.setMember(MARKED, BOT, { role: 'member', canWrite: false });
      expect(await rightsNow()).to.equal('mute');
      world.removeMember(MARKED, BOT);
      expect(await rightsNow()).to.equal('absent');
      await setup.close();
    }));

  it('goes on listening where the connection is lost meanwhile', () =>
    onStage(options, async (stage) => {
      const setup = await open(stage);
      const { words, until } = listenTo(setup);
      const asked = (): number =>
        stage.server.calls.items.filter(({ method, outcome }) => method === 'updates.getState' && outcome === 'ok').length;
      const before = asked();
      stage.server.cutConnections();
      await until('the connection', () => asked() > before);
      stage.server.world.sendMessage({ from: ANN, chat: BOT, text: 'still there?' });
      await until('the message', () => words.length === 1);
      await setup.close();
    }));

  for (const [error, words] of [
    ['ACCESS_TOKEN_INVALID', /copy it again from @BotFather/],
    ['ACCESS_TOKEN_EXPIRED', /take the new one from @BotFather/],
    ['API_ID_INVALID', /do not belong together/],
  ] as const)
    it(`says at once what ${error} means, and does not try again`, () =>
      onStage(options, async (stage) => {
        stage.server.faults.fail('auth.importBotAuthorization', error);
        const failure = await open(stage).then(
          () => undefined,
          (thrown: PortError) => thrown,
        );
        expect(failure).to.include({ code: 'unauthorised', retryable: false });
        expect(failure?.message).to.match(words);
        expect(stage.server.calls.items.filter(({ method }) => method === 'auth.importBotAuthorization')).to.have.length(1);
      }));
});
