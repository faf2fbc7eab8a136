import { expect } from 'chai';
import { makeFactTools, makeHistoryTools, makeLinkTools } from '../../../src/adapters/tools/index.ts';
import { makeTurnDraft } from '../../../src/domain/index.ts';
import type { Storage, ToolOutcome } from '../../../src/ports/index.ts';
import { buildEntry, buildFact, buildLink, telegramChat, telegramUser } from '../../../src/testing/index.ts';
import { withStorage } from '../../support/sqlite-storage.ts';
import { actionsOver, call, contextFor } from './harness.ts';

const HOSTILE = [
  'words:secret',
  'secret OR other',
  '"secret',
  'NEAR(secret other)',
  'secret*',
  '-secret',
  '^secret AND NOT other',
  '{words} : secret',
  "'; DROP TABLE conversation; --",
  '\0',
  '\ud800',
  '\u202e\u200b',
  '🚂'.repeat(100),
  '%',
  '_',
  '\\',
  ' ',
  '',
  'x'.repeat(201),
  'x '.repeat(100),
];

describe('The tools that recall', () => {
  const withTools = (use: (ask: (tool: string, input: unknown) => Promise<ToolOutcome>, storage: Storage) => Promise<void>) =>
    withStorage(async (storage) => {
      const actions = actionsOver(storage.stores);
      const tools = [...makeHistoryTools(actions), ...makeFactTools(actions), ...makeLinkTools(actions)];
      const draft = makeTurnDraft();
      await use((tool, input) => call(tools, tool, input, contextFor('/nowhere', { draft })), storage);
    });

  it('answer every query in words, and show nothing of other chats, people and tenants', () =>
    withTools(async (ask, { stores }) => {
      const other = telegramChat(999);
      await stores.conversations.append([buildEntry('the secret of others', { chatId: other })]);
      await stores.facts.add([buildFact({ text: 'the secret of others', saidBy: { id: telegramUser(999), name: 'Eve' }, chatId: other })]);
      await stores.links.save([buildLink('https://secret.example', { tenant: 'telegram:999', chatId: other, note: 'others' })]);
      for (const tool of ['search_history', 'recall', 'search_links'])
        for (const query of HOSTILE) {
          const { output } = await ask(tool, { query });
          expect(output, `${tool} ${JSON.stringify(query)}`)
            .to.be.a('string')
            .and.not.equal('');
          expect(output).to.not.match(/of others|secret\.example|SQLITE|fts5|syntax/i);
        }
    }));

  it('say so where a query has no words, and do not show everything for it', () =>
    withTools(async (ask, { stores }) => {
      await stores.facts.add([buildFact({ saidBy: { id: telegramUser(7), name: 'Bob' }, chatId: telegramChat(7) })]);
      await stores.links.save([buildLink('https://a.example', { tenant: 'telegram:7' })]);
      for (const tool of ['search_history', 'recall', 'search_links'])
        expect(await ask(tool, { query: '%_*' }), tool).to.deep.equal({
          output: 'Nothing was searched: "%_*" has no words. Call it again with words.',
          isError: true,
        });
      expect((await ask('recall', {})).output).to.include('1 of 1 facts');
      expect((await ask('search_links', {})).output).to.include('https://a.example');
    }));

  it('remember, save and forget what fits, and refuse the rest in words', () =>
    withTools(async (ask) => {
      for (const text of ['', '  ', 'x'.repeat(501), 7, null])
        expect(await ask('remember', { text }), JSON.stringify(text)).to.include({ isError: true });
      for (const url of ['', 'nothing', 'javascript:alert(1)', `https://a.example/${'x'.repeat(3_000)}`, 'file:///etc/passwd'])
        expect(await ask('save_link', { url }), url).to.include({ isError: true });
      for (const number of [0, -1, 1.5, 1e308, Number.MAX_SAFE_INTEGER, '1; DROP', null])
        expect(await ask('forget', { number }), String(number)).to.include({ isError: true });
      for (const text of HOSTILE.filter((each) => each.trim() !== '').slice(0, 18)) {
        expect(await ask('remember', { text })).to.include({ isError: false });
        const url = 'https://a.example';
        expect((await ask('save_link', { url, note: text })).isError).to.equal(false);
      }
    }));
});
