import { strict as assert } from 'node:assert';
import { access, mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { getLocal } from 'mockttp';
import { openSqliteStorage, type SqliteStorage } from '../../src/adapters/sqlite/storage.ts';
import { telegramChat, telegramMessage } from '../../src/testing/index.ts';
import type { NewMessage, SentMessage, TlObject } from '../fakes/telegram/index.ts';
import { until } from '../support/chat-api.ts';
import { type KeptProcess, startKept } from '../support/kept-process.ts';
import { addCrowd, saidByBot } from '../support/telegram-crowd.ts';
import { ADA, BOT, DEV_GROUP, GRACE, makeTelegramSite, STRANGER, type TelegramSite, UNMAPPED_GROUP } from '../support/telegram-site.ts';

const CONTENT = Buffer.from('what the file says\n');
const SPOKEN = 'Two tickets to Turin, please.';
/** Takes a username that another person has given up. */
const IMPOSTOR = 1_005;

describe('Files on Telegram', function () {
  this.timeout(60_000);
  const openAi = getLocal();
  let site: TelegramSite;
  let kept: KeptProcess;
  let storage: SqliteStorage;
  let people: number[];

  before(async () => {
    await openAi.start();
    // The key is there for the voice; answers come from the rehearsal model.
    site = await makeTelegramSite({ OPENAI_API_KEY: 'test', OPENAI_BASE_URL: `${openAi.url}/v1`, KEPT_MODELS: 'rehearsal' });
    people = [...(await addCrowd(site, { people: 7, supergroups: 0 })).people];
    kept = await startKept(site, 'start');
    storage = await openSqliteStorage({ path: site.database });
  });
  after(async () => {
    await storage?.close();
    await kept?.stop();
    await site?.remove();
    await openAi.stop();
  });
  afterEach(() => site.server.assertClean());

  /** A person whom no test has used yet, so that no test waits for the messages of another. */
  const somebody = (): number => people.pop() ?? assert.fail('everybody has sent something');

  const send = (message: NewMessage): number => site.server.world.messageId(site.server.world.sendMessage(message), BOT);

  const answerTo = (chat: number, id: number): Promise<SentMessage> =>
    site.server.sent.until((item) => item.chat === chat && item.replyTo === id);

  const recordOf = (chat: number, id: number) =>
    until('a verdict', async () => {
      const record = await storage.stores.messages.get(telegramChat(chat), telegramMessage(id));
      return record?.verdict && record;
    });

  const inbox = (chat: number): string => join(site.project, 'inbox', String(chat));
  const exists = (path: string): Promise<boolean> =>
    access(path).then(
      () => true,
      () => false,
    );
  const downloads = (): number => site.server.calls.items.filter(({ method }) => method === 'upload.getFile').length;

  it('stores a document of a person who is listed by username, where the agent can read it', async () => {
    const id = send({ from: ADA, chat: BOT, text: 'my notes', media: { document: CONTENT, name: 'notes.txt', mimeType: 'text/plain' } });
    const answer = await answerTo(ADA, id);
    const path = `inbox/${ADA}/${id}-notes.txt`;
    assert.ok(answer.text.includes(`[file: notes.txt, text/plain, ${CONTENT.length} B]\nmy notes\n[saved as ${path}]`), answer.text);
    assert.deepEqual(await readFile(join(site.project, path)), CONTENT);
    const reading = await answerTo(ADA, send({ from: ADA, chat: BOT, text: `read ${path}` }));
    assert.match(reading.text, /what the file says/);
  });

  it('stores a photo with a caption in the workspace of its group', async () => {
    const id = send({ from: STRANGER, chat: DEV_GROUP, text: 'the whiteboard', media: { photo: CONTENT } });
    const answer = await answerTo(DEV_GROUP, id);
    assert.ok(answer.text.includes(`[photo]\nthe whiteboard\n[saved as inbox/${DEV_GROUP}/${id}-photo.jpg]`), answer.text);
    assert.deepEqual(await readFile(join(inbox(DEV_GROUP), `${id}-photo.jpg`)), CONTENT);
  });

  it('answers a caption as it answers a text', async () => {
    const chat = somebody();
    const id = send({ from: chat, chat: BOT, text: 'list files in src', media: { photo: CONTENT } });
    assert.match((await answerTo(chat, id)).text, /one\.ts/);
  });

  it('transcribes a voice message, where there is a key for it', async () => {
    let heard = '';
    await openAi.forPost('/v1/audio/transcriptions').thenCallback(async (request) => {
      heard = (await request.body.getText()) ?? '';
      return { statusCode: 200, json: { text: SPOKEN } };
    });
    const chat = somebody();
    const id = send({ from: chat, chat: BOT, media: { voice: Buffer.from('OggS: not really'), seconds: 3 } });
    const { text } = await answerTo(chat, id);
    assert.ok(text.includes(`[voice message: 0:03]\n[saved as inbox/${chat}/${id}-voice.ogg]\n[spoken: ${SPOKEN}]`), text);
    assert.match(heard, /OggS: not really/);
  });

  it('takes an album as one message with all of its files, and answers it once', async () => {
    const { sent } = site.server;
    const chat = somebody();
    const [first = 0, ...others] = ['one', 'two', 'three'].map((photo, at) =>
      send({ from: chat, chat: BOT, album: 77n, media: { photo: Buffer.from(photo) }, ...(at === 1 ? { text: 'our trip' } : {}) }),
    );
    const answer = await answerTo(chat, first);
    assert.equal(answer.text.match(/\[saved as /g)?.length, 3);
    assert.match(answer.text, /our trip/);
    const names = [first, ...others].map((id) => `${id}-photo.jpg`);
    assert.deepEqual((await readdir(inbox(chat))).toSorted(), names.toSorted());
    await answerTo(chat, send({ from: chat, chat: BOT, text: 'and a word' }));
    assert.equal(sent.items.filter((item) => item.chat === chat).length, 2);
    site.server.world.editMessage(site.server.world.message(BOT, chat, others[1] ?? 0) ?? assert.fail('no third part'), 'the way home');
    await answerTo(chat, send({ from: chat, chat: BOT, text: 'and another word' }));
    assert.equal(sent.items.filter((item) => item.chat === chat).length, 3, 'rule 2: the edit is not answered');
    for (const id of others) assert.equal(await storage.stores.messages.get(telegramChat(chat), telegramMessage(id)), undefined);
  });

  it('does not fetch a file beyond the size limit, and tells the limit', async () => {
    const chat = somebody();
    const before = downloads();
    const id = send({ from: chat, chat: BOT, text: 'a film', media: { document: Buffer.alloc(25 * 2 ** 20), name: 'film.mkv' } });
    const { text } = await answerTo(chat, id);
    assert.match(text, /a film\n\[the file was not taken: it has 25 MB, and 20 MB are taken\]/);
    assert.equal(downloads(), before);
    assert.equal(await exists(inbox(chat)), false);
  });

  it('rule 2: stores a message before its file is fetched; after a kill the next process fetches it', async () => {
    const chat = somebody();
    const hold = site.server.faults.hold('upload.getFile');
    const id = send({ from: chat, chat: BOT, text: 'hold this', media: { document: CONTENT, name: 'held.txt' } });
    const next = send({ from: chat, chat: BOT, text: 'and what follows' });
    await hold.held;
    const open = await until('both messages', async () => {
      const waiting = await storage.stores.messages.open(telegramChat(chat), 10);
      return waiting.length === 2 && waiting;
    });
    assert.deepEqual(
      open.map(({ message: { messageId, attachments } }) => [messageId, attachments?.length]),
      [
        [telegramMessage(id), 1],
        [telegramMessage(next), undefined],
      ],
    );
    await kept.kill();
    hold.release();
    kept = await startKept(site, 'start');
    const { text } = await answerTo(chat, next);
    const path = `inbox/${chat}/${id}-held.txt`;
    assert.ok(text.includes(`hold this\n[saved as ${path}]`), text);
    assert.ok(text.includes('and what follows'), text);
    assert.deepEqual(await readFile(join(site.project, path)), CONTENT);
    assert.equal((await recordOf(chat, id)).verdict?.kind, 'answered');
    assert.equal(site.server.sent.items.filter((item) => item.chat === chat).length, 1);
  });

  it('rule 6: keeps a hostile file name within the inbox', async () => {
    const chat = somebody();
    for (const name of ['../../../../escaped.txt', '/etc/passwd', '..', '.ssh\u0000\n\u202Eyek', 'C:\\windows\\system.ini']) {
      const id = send({ from: chat, chat: BOT, media: { document: CONTENT, name } });
      const { text } = await until('its record', () =>
        storage.stores.messages
          .get(telegramChat(chat), telegramMessage(id))
          .then((found) => (found?.message.attachments ? undefined : found?.message)),
      );
      const [, path = ''] = /\[saved as (inbox\/.+)\]$/.exec(text) ?? [];
      assert.match(path, new RegExp(`^inbox/${chat}/${id}-[\\w.]+$`), text);
      assert.deepEqual(await readFile(join(site.project, path)), CONTENT);
    }
    assert.equal((await readdir(inbox(chat))).length, 5);
    assert.deepEqual((await readdir(site.root)).toSorted(), ['data', 'project', 'server-key.pem', 'workspace_config.json']);
  });

  it('rule 6: stores nothing in an inbox that leads out of its directory', async () => {
    const outside = join(site.root, 'data', 'outside');
    await mkdir(outside);
    await mkdir(join(site.project, 'inbox'), { recursive: true });
    await symlink(outside, inbox(GRACE));
    const id = send({ from: GRACE, chat: BOT, text: 'keep this', media: { document: CONTENT, name: 'a.txt' } });
    assert.match((await answerTo(GRACE, id)).text, /\[the file was not taken: the inbox leads out of its directory\]/);
    assert.deepEqual(await readdir(outside), []);
  });

  it('rules 3 and 4: fetches and stores nothing of an unmapped group, a stranger or an impostor', async () => {
    const { world, sent } = site.server;
    // From here on, the username is pinned to Ada.
    await recordOf(ADA, send({ from: ADA, chat: BOT, text: 'it is me' }));
    world.rename(ADA, { username: 'ada_moved' });
    world.addUser({ id: IMPOSTOR, username: 'Ada', firstName: 'Ada' });
    const before = downloads();
    for (const { chat, from, rule } of [
      { chat: UNMAPPED_GROUP, from: GRACE, rule: 'unmapped-group' },
      { chat: STRANGER, from: STRANGER, rule: 'not-whitelisted' },
      { chat: IMPOSTOR, from: IMPOSTOR, rule: 'username-pinned-elsewhere' },
    ]) {
      const id = send({ from, chat: chat < 0 ? chat : BOT, text: 'take this', media: { document: CONTENT, name: 'gift.txt' } });
      const record = await recordOf(chat, id);
      assert.equal(record.access.rule, rule);
      assert.equal(record.message.text, '');
      assert.equal(await exists(inbox(chat)), false, `nothing of ${chat} is on disk`);
      assert.ok(!sent.items.some((item) => item.chat === chat));
    }
    assert.equal(downloads(), before);
  });

  it('rule 8: sends an answer of too many messages as a file, with its beginning as the caption', async () => {
    const chat = somebody();
    send({ from: chat, chat: BOT, text: 'write 60000 characters' });
    // The caption of the file, or of the draft that was shown before.
    const caption = await until('the caption', async () =>
      saidByBot(site, chat).find(({ text }) => text.endsWith('the whole answer is in the file.')),
    );
    assert.match(caption.text, /^Paragraph 1\. It means nothing/);
    assert.ok(caption.text.length <= 1_024, 'a caption has its own limit');
    assert.equal(caption.entities[0]?._, 'messageEntityBold');
    const [file, ...others] = saidByBot(site, chat).filter(({ media }) => media);
    assert.deepEqual(others, []);
    const document = file?.media?.document as TlObject;
    assert.deepEqual(document.attributes, [{ _: 'documentAttributeFilename', fileName: 'answer.md' }]);
    const content = site.server.world.state.files.get(document.id as bigint)?.content.toString() ?? '';
    assert.ok(content.length > 60_000);
    const [last] = await storage.stores.conversations.recent(telegramChat(chat), 1);
    assert.equal(content, last?.step.role === 'agent' ? last.step.text : undefined);
  });
});
