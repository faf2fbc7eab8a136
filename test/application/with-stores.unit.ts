import { expect } from 'chai';
import { makeMemoryStorage } from '../../src/adapters/memory/index.ts';
import { withStores } from '../../src/application/index.ts';
import type { ConversationEntry } from '../../src/domain/index.ts';
import type { ConversationStore } from '../../src/ports/index.ts';
import { buildEntry, telegramChat } from '../../src/testing/index.ts';

const chat = telegramChat(501);

/** A storage whose conversations are a list, which a unit of work changes when it commits. */
const stage = () => {
  const list: ConversationEntry[] = [];
  const over = (entries: ConversationEntry[]): ConversationStore => ({
    append: async (added) => void entries.push(...added),
    recent: async () => entries,
    search: async () => [],
    after: async () => [],
    revise: async () => undefined,
    erase: async () => undefined,
    chatsAbout: async () => [],
    forget: async () => void entries.splice(0),
  });
  const storage = withStores(makeMemoryStorage(), { conversations: over(list) }, () => {
    const own = [...list];
    return { stores: { conversations: over(own) }, commit: () => void list.splice(0, list.length, ...own) };
  });
  const texts = async () => (await storage.stores.conversations.recent(chat, 10)).map(({ step }) => 'text' in step && step.text);
  return { storage, texts };
};

describe('a storage with stores of your own', () => {
  it('shows what a unit of work has changed in them to the unit at once, and to others when it commits', async () => {
    const { storage, texts } = stage();
    await storage.unitOfWork.run(async ({ conversations }) => {
      await conversations.append([buildEntry('one')]);
      expect(await conversations.recent(chat, 10)).to.have.length(1);
      expect(await texts()).to.deep.equal([]);
    });
    expect(await texts()).to.deep.equal(['one']);
  });

  it('shows nothing of a unit of work that fails', async () => {
    const { storage, texts } = stage();
    const unit = storage.unitOfWork.run(async ({ conversations }) => {
      await conversations.append([buildEntry('one')]);
      throw new Error('no');
    });
    expect(await unit.catch((error: Error) => error.message)).to.equal('no');
    expect(await texts()).to.deep.equal([]);
  });
});
