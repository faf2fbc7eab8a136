import { tmpdir } from 'node:os';
import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { systemClock as clock, systemRandomness as randomness } from '../../../src/adapters/system/index.ts';
import { makeTelegramGateway } from '../../../src/adapters/telegram/index.ts';
import { type AccessPolicy, makeKept } from '../../../src/index.ts';
import { makeScriptedModel, telegramChat, telegramUser } from '../../../src/testing/index.ts';
import { ACCOUNT, ANN, BOT, groupId, onStage, supergroupId } from './gateway-stage.ts';

/** The first makes the chat and whoever is in it known; the second counts. */
const MESSAGES = ['first', 'second'];
const directory = tmpdir();

/** Ann may write, and both groups are answered without a mention. */
const policy: AccessPolicy = {
  workspaces: [
    {
      name: 'Acme',
      aliases: [],
      description: '',
      type: 'x',
      directory,
      chatIds: [groupId, supergroupId].map((id) => telegramChat(id)),
      isDevGroup: true,
    },
  ],
  whitelist: {
    userIds: new Map([[telegramUser(ANN), { path: 'allowed_user_ids', description: 'Ann' }]]),
    usernames: new Map(),
    defaultDirectory: directory,
  },
};

describe('What an answer on Telegram costs', () => {
  for (const account of ['bot', 'user'] as const)
    for (const where of ['a direct message', 'a basic group', 'a supergroup'] as const)
      it(`in ${where} to a ${account}: one send, one reaction and typing once at the most, and no question while nothing is lost`, () =>
        onStage({ account, timing: { gapPatienceMs: 1 } }, async ({ server, state, settings }) => {
          const us = account === 'bot' ? BOT : ACCOUNT;
          const chat: number = where === 'a direct message' ? us : where === 'a basic group' ? groupId : supergroupId;
          const storage = makeMemoryStorage();
          const gateway = makeTelegramGateway({ settings, state, clock, randomness, isOurs: () => false });
          const model = makeScriptedModel(MESSAGES.map((text) => ({ text: `answer to the ${text}` })));
          const kept = makeKept({ ...storage, storage, model, gateways: [gateway], clock, randomness, policy });
          await kept.start();
          try {
            for (const message of MESSAGES) {
              server.calls.clear();
              server.world.sendMessage({ from: ANN, chat, text: message });
              await server.sent.until(({ text }) => text === `answer to the ${message}`);
            }
            const calls = server.calls.tally(({ method }) => method);
            expect(calls['messages.sendMessage']).to.equal(1);
            expect(calls['messages.sendReaction'] ?? 0).to.be.at.most(1);
            expect(calls['messages.setTyping'] ?? 0).to.be.at.most(1);
            const reads = account === 'user' ? ['messages.readHistory', 'channels.readHistory'] : [];
            for (const method of reads) expect(calls[method] ?? 0).to.be.at.most(1);
            expect(Object.keys(calls)).to.have.members(
              ['messages.sendMessage', 'messages.sendReaction', 'messages.setTyping', ...reads].filter((method) => method in calls),
            );
          } finally {
            await kept.stop();
          }
        }));
});
