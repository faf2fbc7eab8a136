import { expect } from 'chai';
import { makeMemoryChangeFeed, makeMemoryStorage } from '../../src/adapters/memory/index.ts';
import { systemClock as clock, systemRandomness as randomness } from '../../src/adapters/system/index.ts';
import { makeKept } from '../../src/index.ts';
import { buildMessage, buildTool, makeRecordingGateway, makeScriptedModel, telegramMessage } from '../../src/testing/index.ts';
import { PERSONS, type PersonName, placeOf, policy } from '../domain/rights/rights-table.ts';

describe('makeKept, by the rights of persons', () => {
  /** The tools that the model is offered for a question of that person in the dev group. */
  const offeredTo = async (name: PersonName): Promise<readonly string[]> => {
    const changes = makeMemoryChangeFeed(clock.after);
    const storage = makeMemoryStorage({ changes });
    const asked = Promise.withResolvers<readonly string[]>();
    const scripted = makeScriptedModel([{ text: 'Fine.' }]);
    const model = {
      ...scripted,
      respond: (...request: Parameters<typeof scripted.respond>) => {
        asked.resolve(request[0].tools.map((tool) => tool.name));
        return scripted.respond(...request);
      },
    };
    const tools = [buildTool({ name: 'close_ticket', effect: 'acts' }), buildTool({ name: 'read_ticket', effect: 'reads' })];
    const gateways = [makeRecordingGateway()];
    const kept = makeKept({ storage, changes, model, gateways, clock, randomness, policy, tools, builtInTools: ['promises', 'recall'] });
    await kept.start();
    try {
      const { id, kind } = placeOf('dev', PERSONS[name]);
      await kept.receive(
        buildMessage({ chatId: id, chatKind: kind, messageId: telegramMessage(1), sender: PERSONS[name], sentAt: clock.now() }),
      );
      return await asked.promise;
    } finally {
      await kept.stop();
    }
  };

  it('offers a member every tool, and a guest none that acts or keeps something for the team', async () => {
    const all = await offeredTo('unnamed member');
    expect(all).to.include.members(['close_ticket', 'read_ticket', 'make_promise', 'remember', 'forget', 'save_link']);
    const kept = new Set(['close_ticket', 'remember', 'forget', 'save_link']);
    expect(await offeredTo('guest')).to.deep.equal(all.filter((name) => !kept.has(name)));
  });
});
