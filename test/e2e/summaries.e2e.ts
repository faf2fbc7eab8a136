import { strict as assert } from 'node:assert';
import { openSqliteStorage } from '../../src/adapters/sqlite/storage.ts';
import { DEFAULT_LOCAL_CHAT } from '../../src/domain/index.ts';
import { type ChatRequest, openChatPeer } from '../fakes/openai/peer.ts';
import { OPENAI } from '../fakes/openai/servers.ts';
import { chatApi, until } from '../support/chat-api.ts';
import { makeSite, startKept } from '../support/kept-process.ts';

const said = (content: string): readonly object[] => [{ choices: [{ index: 0, delta: { content }, finish_reason: 'stop' }] }];
const isSummary = ({ messages }: ChatRequest): boolean => JSON.stringify(messages).includes('You sum up what was said');

describe('A long conversation with a model behind HTTP, as a process', function () {
  this.timeout(60_000);

  it('is summed up behind an answer; the summary outlives a kill, and /new forgets it', async () => {
    const peer = await openChatPeer((request, n) => said(isSummary(request) ? 'They count from one upwards.' : `answer ${n}`), OPENAI);
    const site = await makeSite({ OPENAI_BASE_URL: peer.url, OPENAI_MODEL: 'small', MAX_CONVERSATION_HISTORY: '6' });
    let kept = await startKept(site, 'start');
    try {
      const api = chatApi(() => kept.url);
      const ask = async (text: string): Promise<void> => {
        const { messageId } = await api.post(text, 1);
        await until('an answer', async () => (await api.messages(1)).find(({ answers }) => answers?.includes(messageId)));
      };
      for (const text of ['number one', 'number two', 'number three', 'number four']) await ask(text);
      const storage = await openSqliteStorage({ path: site.database });
      try {
        const summary = await until('a summary', () => storage.stores.summaries.get(DEFAULT_LOCAL_CHAT));
        assert.equal(summary.text, 'They count from one upwards.');
        await kept.kill();
        kept = await startKept(site, 'start');
        await ask('number five');
        const after = JSON.stringify(peer.requests.findLast((request) => !isSummary(request))?.messages);
        assert.match(after, /> They count from one upwards\./);
        assert.doesNotMatch(after, /number one/);
        await ask('/new');
        assert.equal(await storage.stores.summaries.get(DEFAULT_LOCAL_CHAT), undefined);
        await ask('number six');
        assert.doesNotMatch(JSON.stringify(peer.requests.at(-1)?.messages), /upwards|number five/);
        assert.deepEqual(peer.broken, []);
      } finally {
        await storage.close();
      }
    } finally {
      await kept.stop();
      await site.remove();
      await peer.close();
    }
  });
});
