import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { homingStorage } from '../../../src/application/index.ts';
import { buildEntry, buildFact, buildLink, buildRun, buildTurn, START, telegramChat } from '../../../src/testing/index.ts';

const [from, to] = [telegramChat(-7), telegramChat(-1_001_234_567_890)];

describe('What is stored for a chat that has moved', () => {
  const moved = async () => {
    const plain = makeMemoryStorage();
    const { stores } = homingStorage(plain);
    await stores.chatMoves.add({ from, to, at: START });
    return { stores, plain: plain.stores };
  };

  it('is a run of its turn, under the new id, and found under both', async () => {
    const { stores, plain } = await moved();
    await stores.journal.append({ run: buildRun('r', { chatId: from }), writer: 'w', from: 0, steps: [] });
    expect((await plain.journal.openTurn(to))?.id).to.equal('r');
    expect((await stores.journal.openTurn(from))?.id).to.equal('r');
  });

  it('is a summary, under the new id, and found under both', async () => {
    const { stores, plain } = await moved();
    await stores.summaries.put({ chatId: from, text: 'short', upTo: 1, at: START, model: 'm' }, undefined);
    expect((await plain.summaries.get(to))?.text).to.equal('short');
    expect((await stores.summaries.get(from))?.text).to.equal('short');
  });

  it('is what was said, found and used, under the new id', async () => {
    const { stores, plain } = await moved();
    await stores.conversations.append([buildEntry('hello', { chatId: from })]);
    await stores.turns.add(buildTurn({ chatId: from }));
    expect((await plain.conversations.recent(to, 5)).length).to.equal(1);
    expect((await stores.conversations.after(from, 0, 5)).length).to.equal(1);
    expect((await plain.turns.usage(to, 0)).turns).to.equal((await stores.turns.usage(from, 0)).turns);
  });

  it('is a fact or a link without the number of a message, which means nothing there', async () => {
    const { stores, plain } = await moved();
    await stores.facts.add([buildFact({ chatId: from })]);
    const link = buildLink('https://kept.example', { chatId: from });
    await stores.links.save([link]);
    const [fact] = await plain.facts.find({ personId: buildFact().saidBy.id }, 5);
    expect(fact?.chatId).to.equal(to);
    expect(fact).to.not.have.property('messageId');
    const [saved] = await plain.links.find({ tenant: link.tenant, limit: 5 });
    expect(saved?.chatId).to.equal(to);
    expect(saved).to.not.have.property('messageId');
  });
});
