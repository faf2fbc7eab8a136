import { expect } from 'chai';
import { isPortError } from '../../../../src/ports/index.ts';
import { telegramChat, telegramUser } from '../../../../src/testing/index.ts';
import { failureOf } from '../../../support/failure-of.ts';
import { ANN, BOT, groupId, onStage, supergroupId } from '../gateway-stage.ts';

const GROUPS = [telegramChat(groupId), telegramChat(supergroupId)];

describe('what Telegram lets the account do', () => {
  it('is told by Telegram: its part in each group, its privacy mode, and that everybody may write to it', () =>
    onStage({ privacyMode: true }, async ({ start }) => {
      const { gateway } = await start();
      expect(await gateway.rights(GROUPS)).to.deep.equal({
        isBot: true,
        privacyMode: true,
        groups: [
          { chatId: GROUPS[0], title: 'Basic', state: 'member' },
          { chatId: GROUPS[1], title: 'Super', state: 'member' },
        ],
      });
    }));

  it('names those who may write to it, where its owner lets in nobody else', () =>
    onStage({}, async ({ server, start }) => {
      const { gateway } = await start();
      server.world.restrictAccess(BOT, [ANN]);
      expect((await gateway.rights([])).restrictedTo).to.deep.equal([telegramUser(ANN)]);
    }));

  it('tells a group that it is not in, and one where it may not write', () =>
    onStage({}, async ({ server, start }) => {
      const { gateway } = await start();
      const unknown = telegramChat(-1_001_999_999_999);
      const states = async () => (await gateway.rights([...GROUPS, unknown])).groups.map(({ state }) => state);
      server.world.setMember(supergroupId, BOT, { canWrite: false });
      expect(await states()).to.deep.equal(['member', 'mute', 'absent']);
      server.world.removeMember(supergroupId, BOT);
      server.world.setMember(groupId, BOT, { role: 'admin' });
      expect(await states()).to.deep.equal(['admin', 'absent', 'absent']);
    }));

  it('asks about twenty groups at the most', () =>
    onStage({}, async ({ server, start }) => {
      const { gateway } = await start();
      const { groups } = await gateway.rights(Array.from({ length: 25 }, () => GROUPS).flat());
      expect(groups).to.have.length(20);
      expect(server.calls.items.filter(({ method }) => /^(messages\.getChats|channels\.getChannels)$/.test(method))).to.have.length(20);
    }));

  it('rejects while there is no connection', () =>
    onStage({}, async ({ start, server }) => {
      const life = await start();
      await server.goDown();
      await life.until('it is lost', () => life.gateway.health().status === 'fail');
      const failure = await failureOf(life.gateway.rights(GROUPS));
      expect(isPortError(failure) && failure.code).to.equal('unavailable');
    }));
});
