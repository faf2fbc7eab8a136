import { expect } from 'chai';
import { makeMemoryChangeFeed, makeMemoryStorage } from '../../src/adapters/memory/index.ts';
import { systemClock as clock, systemRandomness as randomness } from '../../src/adapters/system/index.ts';
import { type AccessPolicy, makePairing } from '../../src/domain/index.ts';
import { approvePairing } from '../../src/domain/pairing/pairing.ts';
import { makeKept } from '../../src/index.ts';
import { buildMessage, buildTool, makeRecordingGateway, makeScriptedModel, telegramMessage } from '../../src/testing/index.ts';
import { PERSONS, type PersonName, type PlaceName, placeOf, policy } from '../domain/rights/rights-table.ts';

describe('makeKept, by the rights of persons', () => {
  /** The tools that the model is offered for a question of that person, in the dev group unless told otherwise. */
  const offeredTo = async (name: PersonName, place: PlaceName = 'dev', by: AccessPolicy = policy): Promise<readonly string[]> => {
    const changes = makeMemoryChangeFeed(clock.after);
    const storage = makeMemoryStorage({ changes });
    if (by.whitelist.pairing) await letIn(storage, name);
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
    const kept = makeKept({
      storage,
      changes,
      model,
      gateways,
      clock,
      randomness,
      policy: by,
      tools,
      builtInTools: ['promises', 'recall'],
    });
    await kept.start();
    try {
      const { id, kind } = placeOf(place, PERSONS[name]);
      await kept.receive(
        buildMessage({ chatId: id, chatKind: kind, messageId: telegramMessage(1), sender: PERSONS[name], sentAt: clock.now() }),
      );
      return await asked.promise;
    } finally {
      await kept.stop();
    }
  };

  const letIn = async ({ stores: { pairings } }: ReturnType<typeof makeMemoryStorage>, name: PersonName): Promise<void> => {
    const asked = makePairing(PERSONS[name], placeOf('own', PERSONS[name]).id, { code: 'ABCDEFGH', at: clock.now() });
    await pairings.offer(asked, { since: 0, maxOpen: 1 });
    await pairings.update(asked.userId, (stored) => {
      const approved = approvePairing(stored, { at: clock.now(), by: 'operator' });
      return approved.ok ? approved.value : undefined;
    });
  };

  it('offers whom an owner has let in the tools of whom the list names', async () => {
    const paired = { ...policy, whitelist: { ...policy.whitelist, pairing: { has: () => false } } };
    expect(await offeredTo('stranger', 'own', paired)).to.deep.equal(await offeredTo('unnamed member', 'own'));
  });

  it('offers a member every tool, and a guest none that acts or keeps something for the team', async () => {
    const all = await offeredTo('unnamed member');
    expect(all).to.include.members(['close_ticket', 'read_ticket', 'make_promise', 'remember', 'forget', 'save_link']);
    const kept = new Set(['close_ticket', 'remember', 'forget', 'save_link']);
    expect(await offeredTo('guest')).to.deep.equal(all.filter((name) => !kept.has(name)));
  });
});
