import { strict as assert } from 'node:assert';
import { openSqliteStorage, type SqliteStorage } from '../../src/adapters/sqlite/storage.ts';
import { telegramChat, telegramMessage } from '../../src/testing/index.ts';
import type { NewMessage, SentMessage } from '../fakes/telegram/index.ts';
import { until } from '../support/chat-api.ts';
import { type KeptProcess, startKept } from '../support/kept-process.ts';
import { addCrowd, saidByBot } from '../support/telegram-crowd.ts';
import { BOT, makeTelegramSite, type TelegramSite } from '../support/telegram-site.ts';

/** The shortest time between two drafts, less the variation of a busy machine. */
const POLITE_MS = 3_000 - 400;

/** A sample's Markdown as people read it, written without the product's formatter; white space counts as one blank. */
const asRead = (markdown: string): string =>
  markdown
    .replaceAll('**', '')
    .replace(/^```.*$/gm, '')
    .replace(/\s+/g, ' ')
    .trim();

const entitiesIn = ({ text, entities }: Pick<SentMessage, 'text' | 'entities'>): readonly (readonly [kind: string, words: string])[] =>
  entities.map(({ _, offset, length }) => [_, text.slice(Number(offset), Number(offset) + Number(length))]);

describe('Answers on Telegram', function () {
  this.timeout(60_000);
  let site: TelegramSite;
  let kept: KeptProcess;
  let storage: SqliteStorage;
  let people: number[];

  before(async () => {
    site = await makeTelegramSite();
    people = [...(await addCrowd(site, { people: 6, supergroups: 0 })).people];
    kept = await startKept(site, 'start');
    storage = await openSqliteStorage({ path: site.database });
  });
  after(async () => {
    await storage?.close();
    await kept?.stop();
    await site?.remove();
  });
  afterEach(() => site.server.assertClean());

  /** A person whom no test has used yet, so that no test waits for the messages of another. */
  const somebody = (): number => people.pop() ?? assert.fail('everybody has been asked something');

  const ask = (from: number, text: string, more: Partial<NewMessage> = {}): number =>
    site.server.world.messageId(site.server.world.sendMessage({ from, chat: BOT, text, ...more }), BOT);

  const answerTo = (chat: number, id: number): Promise<SentMessage> =>
    site.server.sent.until((item) => item.chat === chat && item.replyTo === id);

  const verdictOn = (chat: number, id: number) =>
    until('a verdict', async () => (await storage.stores.messages.get(telegramChat(chat), telegramMessage(id)))?.verdict);

  /** The model's last text in that chat, as it wrote it. */
  const writtenIn = async (chat: number): Promise<string> => {
    const [last] = await storage.stores.conversations.recent(telegramChat(chat), 1);
    return last?.step.role === 'agent' ? last.step.text : assert.fail('the model has said nothing');
  };

  it('rule 8: shows that a message was received, and that it is being answered', async () => {
    const { reactions, typing } = site.server;
    const chat = somebody();
    const id = ask(chat, 'hello');
    const reaction = await reactions.until((shown) => shown.chat === chat);
    assert.deepEqual([reaction.id, reaction.emoji], [id, ['👀']]);
    assert.equal((await typing.until((shown) => shown.chat === chat)).action, 'sendMessageTypingAction');
    await answerTo(chat, id);
  });

  it('rule 8: lets a long answer grow in one message, at a polite rate, to its exact end', async () => {
    const { sent, edits } = site.server;
    const chat = somebody();
    const id = ask(chat, 'write 700 characters slowly');
    const seen: { readonly text: string; readonly at: number }[] = [];
    const draft = await answerTo(chat, id);
    seen.push({ text: draft.text, at: performance.now() });
    const editsHere = () => edits.items.filter((edit) => edit.chat === chat);
    while (!seen.at(-1)?.text.endsWith('for what I understand.')) {
      const count = editsHere().length;
      await edits.until((edit) => edit.chat === chat && editsHere().length > count);
      seen.push({ text: editsHere().at(-1)?.text ?? '', at: performance.now() });
    }
    await verdictOn(chat, id);
    const texts = seen.map(({ text }) => text);
    for (const [at, text] of texts.entries()) assert.ok(text.startsWith(texts[at - 1] ?? ''), 'what was shown stays, and more follows');
    const drafts = seen.slice(0, -1);
    assert.ok(drafts.length >= 2, `the answer was seen while it grew: ${drafts.length} times`);
    for (const [at, { at: shownAt }] of drafts.entries())
      assert.ok(at === 0 || shownAt - (drafts[at - 1]?.at ?? 0) >= POLITE_MS, 'drafts keep their distance');
    assert.equal(asRead(texts.at(-1) ?? ''), asRead(await writtenIn(chat)));
    assert.deepEqual([...new Set(editsHere().map((edit) => edit.id))], [draft.id]);
    assert.equal(sent.items.filter((item) => item.chat === chat).length, 1);
  });

  it('rule 8: sends 20,000 characters in messages of at most 4096, cut at paragraphs, with whole code, in order', async () => {
    const { sent } = site.server;
    const chat = somebody();
    const id = ask(chat, 'write 20000 characters');
    await sent.until((item) => item.chat === chat && item.text.includes('the rehearsal model'));
    const parts = sent.items.filter((item) => item.chat === chat);
    const markdown = await writtenIn(chat);
    assert.ok(parts.length >= 5 && parts.length <= 8, `${parts.length} parts`);
    assert.deepEqual(
      parts.map(({ replyTo }) => replyTo),
      [id, ...parts.slice(1).map(() => undefined)],
    );
    assert.deepEqual(
      parts.map((part) => part.id),
      parts.map((part) => part.id).toSorted((a, b) => a - b),
    );
    for (const { text } of parts) assert.ok(text.length <= 4_096, `${text.length} UTF-16 units`);
    assert.equal(asRead(parts.map(({ text }) => text).join('\n')), asRead(markdown));
    const blocks = (markdown.match(/^```text\n.*?\n```$|^[^\n]+/gms) ?? []).map((block) => block.replace(/^```.*\n?/gm, '').trim());
    for (const { text } of parts) {
      const isBeginning = blocks.some((block) => text.startsWith(block.replaceAll('**', '')));
      assert.ok(isBeginning, `begins with a whole paragraph or block of code: ${text.slice(0, 60)}`);
    }
    const shown = parts.flatMap(entitiesIn).flatMap(([kind, words]) => (kind === 'messageEntityPre' ? [words.trim()] : []));
    assert.deepEqual(
      shown,
      blocks.filter((block) => block.startsWith('block ')),
    );
    assert.ok(shown.length >= 5, 'there was code to cut');
    const answered = await storage.stores.messages.get(telegramChat(chat), telegramMessage(id));
    assert.equal(answered?.verdict?.kind, 'answered');
  });

  it('rule 8: sends Markdown as entities, counted in UTF-16 units', async () => {
    const chat = somebody();
    const text =
      '👩‍👩‍👧 see **bold**, *italic*, ~~gone~~, `code`, ||hidden|| and [a link](https://example.org/x)\n\n> a quotation\n\n```ts\nconst answer = 42;\n```\nend';
    const answer = await answerTo(chat, ask(chat, text));
    assert.deepEqual(
      entitiesIn(answer).map(([kind, words]) => [kind, words.trim()]),
      [
        ['messageEntityBold', 'bold'],
        ['messageEntityItalic', 'italic'],
        ['messageEntityStrike', 'gone'],
        ['messageEntityCode', 'code'],
        ['messageEntitySpoiler', 'hidden'],
        ['messageEntityTextUrl', 'a link'],
        ['messageEntityBlockquote', 'a quotation'],
        ['messageEntityPre', 'const answer = 42;'],
      ],
    );
    assert.equal(answer.entities.find(({ _ }) => _ === 'messageEntityPre')?.language, 'ts');
    assert.equal(answer.entities.find(({ _ }) => _ === 'messageEntityTextUrl')?.url, 'https://example.org/x');
    assert.ok(!/[*~`|]{2}|\]\(/.test(answer.text), answer.text);
  });

  it('rule 7: gathers messages that arrive during a turn into the next one', async () => {
    const { typing } = site.server;
    const chat = somebody();
    const first = ask(chat, 'write 200 characters slowly');
    await typing.until((shown) => shown.chat === chat);
    const second = ask(chat, 'one thing');
    const third = ask(chat, 'another thing');
    const answer = await answerTo(chat, third);
    assert.match(answer.text, /“one thing”.*“another thing”/s);
    const verdicts = await Promise.all([first, second, third].map((id) => verdictOn(chat, id)));
    const turns = verdicts.map((verdict) => (verdict.kind === 'answered' ? verdict.turnId : assert.fail(verdict.kind)));
    assert.notEqual(turns[0], turns[1]);
    assert.equal(turns[1], turns[2]);
    const said = saidByBot(site, chat);
    assert.equal(said.length, 2);
    assert.ok(!/one thing|another thing/.test(said[0]?.text ?? ''), 'the first answer is to the first message alone');
  });
});
