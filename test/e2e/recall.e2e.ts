import { strict as assert } from 'node:assert';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSqliteStorage } from '../../src/adapters/sqlite/storage.ts';
import { telegramChat, telegramMessage } from '../../src/testing/index.ts';
import { chatApi, until } from '../support/chat-api.ts';
import { type KeptProcess, startKept } from '../support/kept-process.ts';
import { ADA, BOT, DEV_GROUP, makeTelegramSite, type TelegramSite } from '../support/telegram-site.ts';

const AGENT = `---
name: tea_taster
description: Answers questions about tea.
tools: [remember, recall, search_links]
---
You know how tea is made.
`;

/** The real process, with the rehearsal model, which calls the tool that a message names. */
describe('A running Kept', function () {
  this.timeout(60_000);
  let site: TelegramSite;
  let kept: KeptProcess;
  const api = chatApi(() => kept.url);

  before(async () => {
    site = await makeTelegramSite({ KEPT_MODELS: 'rehearsal' });
    const agents = join(site.root, 'config', 'agents');
    await mkdir(agents, { recursive: true });
    await writeFile(join(agents, 'tea_taster.md'), AGENT);
    const path = site.env.KEPT_CONFIG as string;
    const config = JSON.parse(await readFile(path, 'utf8'));
    config.workspaces['Acme Dev'].agent = 'tea_taster';
    await writeFile(path, JSON.stringify(config));
    kept = await startKept(site, 'start');
  });
  after(async () => {
    await kept?.stop();
    site.server.assertClean();
    await site.remove();
  });

  /** Says something in a local chat, and waits for the answer. */
  const say = async (text: string, chatId = 1): Promise<string> => {
    const { messageId } = await api.post(text, chatId);
    const answer = await until(`an answer to ${text}`, async () =>
      (await api.messages(chatId)).find(({ from, replyTo }) => from === 'agent' && replyTo === messageId),
    );
    return answer.text;
  };
  const use = (tool: string, input: object = {}): Promise<string> => say(`use ${tool} ${JSON.stringify(input)}`);

  it('remembers a fact, recalls it, shows it by /memory, and forgets it', async () => {
    assert.match(await use('remember', { text: 'The office drinks green tea.' }), /Fact #1 is remembered with this reply/);
    assert.match(await use('recall', { query: 'green' }), /#1 .*The office drinks green tea/);
    assert.match(await say('/memory'), /^I remember .*\n#1 The office drinks green tea\. \(about you/);
    assert.match(await use('forget', { number: 1 }), /Fact #1 is forgotten with this reply/);
    assert.match(await use('recall'), /Nothing is remembered here/);
    assert.match(await say('/memory'), /^I remember nothing here/);
  });

  it('saves the links of a message that is nothing else, says so, finds them, and removes one', async () => {
    assert.match(await say('https://tea.example/kinds https://tea.example/pots'), /^Saved\./);
    assert.match(await use('search_links', { query: 'pots' }), /https:\/\/tea\.example\/pots \(/);
    assert.match(await say('/memory'), /2 links are saved here/);
    assert.match(await say('/forget https://tea.example/pots'), /is saved no more/);
    assert.match(await use('search_links', { query: 'pots' }), /No link that is saved here has all of these words/);
  });

  it('finds what was said in the same chat, also before /new, and in no other', async () => {
    await say('the word is xylophone', 2);
    assert.match(await say('/new', 2), /^A new conversation begins: .*I find it where I search this chat/);
    assert.match(await say('use search_history {"query": "xylophone"}', 2), /the word is xylophone/);
    assert.doesNotMatch(await use('search_history', { query: 'word xylophone' }), /the word is/);
  });

  it('offers promises no agent whose tools are not configured', async () => {
    const text = await use('make_promise', { description: 'count the TODO comments in this project', agent: 'notion_scout' });
    assert.match(text, /make_promise was not run: agent: /);
  });

  it('answers in a group by the agent of its workspace, with the tools of its file alone', async () => {
    const { world, sent } = site.server;
    const ask = async (text: string): Promise<string> => {
      const id = world.messageId(world.sendMessage({ from: ADA, chat: DEV_GROUP, text }), BOT);
      return (await sent.until(({ chat, replyTo }) => chat === DEV_GROUP && replyTo === id)).text;
    };
    assert.match(await ask('use remember {"text": "Acme drinks coffee."}'), /is remembered with this reply/);
    assert.match(await ask('use recall {}'), /1 of 1 facts.*Ada.*: Acme drinks coffee\./is);
    assert.match(await ask('use list_files {}'), /list_files, and I was not given it here/);
    const storage = await openSqliteStorage({ path: site.database });
    try {
      const last = world.messageId(world.sendMessage({ from: ADA, chat: DEV_GROUP, text: 'hi' }), BOT);
      await sent.until(({ chat, replyTo }) => chat === DEV_GROUP && replyTo === last);
      const verdict = (await storage.stores.messages.get(telegramChat(DEV_GROUP), telegramMessage(last)))?.verdict;
      assert.equal(verdict?.kind, 'answered');
      const turn = verdict.kind === 'answered' ? await storage.stores.turns.get(verdict.turnId) : undefined;
      assert.equal(turn?.agent, 'tea_taster');
    } finally {
      await storage.close();
    }
  });
});
