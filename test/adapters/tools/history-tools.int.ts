import { expect } from 'chai';
import { describe, it } from 'mocha';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeHistoryTools } from '../../../src/adapters/tools/index.ts';
import { makeSearchHistory } from '../../../src/application/recall/search-history.ts';
import type { ConversationEntry } from '../../../src/domain/index.ts';
import type { ToolContext } from '../../../src/ports/index.ts';
import { buildEntry, buildRecord, GROUP, START, telegramChat, telegramMessage, telegramUser } from '../../../src/testing/index.ts';
import { call, contextFor } from './harness.ts';

const chat = telegramChat(7);

const stage = async (...entries: readonly ConversationEntry[]) => {
  const { stores } = makeMemoryStorage();
  await stores.conversations.append(entries);
  const tools = makeHistoryTools({ searchHistory: makeSearchHistory(stores), timeZone: 'Europe/Berlin' });
  const search = async (query: string, more: Partial<ToolContext> = {}) =>
    call(tools, 'search_history', { query }, contextFor('/nowhere', more));
  return { stores, search };
};

const said = (text: string, id: number, name = 'Ada', chatId = chat): ConversationEntry =>
  buildEntry('', { chatId, step: { role: 'person', name, text, messageId: telegramMessage(id) } });

describe('search_history', () => {
  it('tells who said it, when on the clocks of the time zone, and its number', async () => {
    const answer = buildEntry('', { chatId: chat, at: START + 60_000, step: { role: 'agent', text: 'Train at 9:41.', toolCalls: [] } });
    const { search } = await stage(said('When does the train leave?', 12), answer, said('Thanks', 13));
    expect(await search('train')).to.deep.include({
      isError: false,
      output: [
        'Said in this chat, newest first (times in Europe/Berlin):',
        '2026-11-22 13:01 you (the agent): Train at 9:41.',
        '2026-11-22 13:00 Ada, message 12: When does the train leave?',
      ].join('\n'),
    });
  });

  it('tells people of a group apart by what the inbox knows of them, whatever they call themselves', async () => {
    const entries = [said('the train', 1, 'Ada', GROUP), said('no train', 2, 'Ada', GROUP), said('a train', 3, 'Ada', GROUP)];
    const { search, stores } = await stage(...entries);
    for (const [id, sender] of [
      [1, { id: telegramUser(501), username: 'ada', displayName: 'Ada', kind: 'person' }],
      [2, { id: telegramUser(666), displayName: 'Ada', kind: 'person' }],
    ] as const)
      await stores.messages.add(buildRecord({ chatId: GROUP, chatKind: 'group', messageId: telegramMessage(id), sender }));
    const { output } = await search('train', { chatId: GROUP, chatKind: 'group' });
    expect(
      output
        .split('\n')
        .slice(1)
        .map((line) => line.slice(17, 40)),
    ).to.deep.equal(['Ada (id not known), mes', 'Ada (id 666), message 2', 'Ada (@ada), message 1: ']);
  });

  it('finds nothing of other chats and threads', async () => {
    const { search } = await stage(said('the train', 1, 'Bob', telegramChat(8)), said('the train', 1, 'Bob', telegramChat(7, 3)));
    const { output, isError } = await search('train');
    expect([isError, output]).to.deep.equal([
      false,
      'Nothing that was said in this chat has all of these words. Fewer or other words may find more.',
    ]);
  });

  it('shows 20 of many, and says so', async () => {
    const { search } = await stage(...Array.from({ length: 30 }, (_, n) => said(`train ${n}`, n + 1)));
    const lines = (await search('train')).output.split('\n');
    expect(lines).to.have.length(22);
    expect(lines[1]).to.match(/train 29$/);
    expect(lines.at(-1)).to.equal('[older ones are not shown; more words narrow the search]');
  });

  it('refuses a query without words, in words', async () => {
    const { search } = await stage(said('?!', 1));
    expect(await search('?!')).to.deep.equal({
      isError: true,
      output: 'Nothing was searched: "?!" has no words. Call it again with words.',
    });
  });

  it('cuts long texts to what surrounds the words, in one line', async () => {
    const { search } = await stage(said(`${'before\n'.repeat(300)}the train\n${'after\n'.repeat(300)}`, 1));
    const { output } = await search('train');
    expect(output).to.match(/^.*\n2026-11-22 13:00 Ada, message 1: ….*the train.*…$/);
    expect(output.length).to.be.lessThan(600);
  });
});
