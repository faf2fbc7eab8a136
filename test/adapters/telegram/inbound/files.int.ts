import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { markedChannelId } from '../../../../src/adapters/telegram/client/ids.ts';
import { keepFile, safeName } from '../../../../src/adapters/telegram/inbound/file-inbox.ts';
import { numberIn, telegramUser } from '../../../../src/testing/index.ts';
import type { Message } from '../../../fakes/telegram/index.ts';
import { ANN, BEN, BOT, type Life, logged, onStage, type Stage, SUPERGROUP } from '../gateway-stage.ts';

const inDirectory = async (use: (directory: string) => Promise<void>): Promise<void> => {
  const directory = await mkdtemp(join(tmpdir(), 'kept-media-'));
  try {
    await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

const CONTENT = Buffer.from('what the file says\n'.repeat(50));

const sendFile = ({ server }: Stage, name: string, text: string, content: Buffer = CONTENT, from = ANN) =>
  server.world.sendMessage({ from, chat: BOT, text, media: { document: content, name, mimeType: 'text/plain' } });

const untilText = async (life: Life, pattern: RegExp): Promise<string> => {
  await life
    .until(`a message like ${pattern}`, () => life.texts().some((text) => pattern.test(text)))
    .catch((error: Error) => {
      throw new Error(`${error.message}\n${life.texts().join('\n')}\n${logged(life)}`);
    });
  return life.texts().find((text) => pattern.test(text)) ?? '';
};

const sendAlbum = ({ server }: Stage, text: string, photos: readonly string[]): void => {
  for (const [at, photo] of photos.entries())
    server.world.sendMessage({ from: ANN, chat: BOT, text: at === 0 ? text : '', album: 77n, media: { photo: Buffer.from(photo) } });
};

describe('Telegram media', () => {
  it('is kept below the directory of its sender, and the text says where', () =>
    inDirectory((directory) =>
      onStage({}, async (stage) => {
        const life = await stage.start({ directoryOf: ({ sender }) => (sender.id === telegramUser(ANN) ? directory : undefined) });
        sendFile(stage, 'report.txt', 'please read');
        const text = await untilText(life, /please read\n\[/);
        const [message] = life.received;
        const path = `inbox/${ANN}/${message && numberIn(message.messageId)}-report.txt`;
        expect(text).to.match(/please read\n\[saved as inbox\/.*\]$/);
        expect(text).to.include(`[saved as ${path}]`);
        expect(await readFile(join(directory, path))).to.deep.equal(CONTENT);
        sendFile(stage, 'secret.txt', 'from Ben', CONTENT, BEN);
        expect(await untilText(life, /from Ben/)).to.not.include('saved');
        expect(await readdir(join(directory, 'inbox'))).to.deep.equal([String(ANN)]);
      }),
    ));

  it('of a voice message is written down', () =>
    inDirectory((directory) =>
      onStage({}, async (stage) => {
        const heard: string[] = [];
        const transcribe = async (file: string): Promise<string> => {
          heard.push(await readFile(file, 'utf8'));
          return ' buy milk ';
        };
        const life = await stage.start({ directoryOf: () => directory, files: { transcribe } });
        stage.server.world.sendMessage({ from: ANN, chat: BOT, media: { voice: CONTENT, seconds: 3 } });
        const text = await untilText(life, /spoken/);
        expect(text).to.match(/\[spoken: buy milk\]$/);
        expect(heard).to.deep.equal([CONTENT.toString()]);
      }),
    ));

  it('that is too large is not taken, and the text says so', () =>
    inDirectory((directory) =>
      onStage({}, async (stage) => {
        const life = await stage.start({ directoryOf: () => directory, maxFileBytes: 100 });
        sendFile(stage, 'large.txt', 'a large one');
        expect(await untilText(life, /a large one\n\[/)).to.match(/the file was not taken: it has 0 MB|the file was not taken/);
        expect(stage.server.calls.items.some(({ method }) => method === 'upload.getFile')).to.equal(false);
        expect(await readdir(directory)).to.deep.equal([]);
      }),
    ));

  it('whose right to be read has expired is asked for anew', () =>
    inDirectory((directory) =>
      onStage({}, async (stage) => {
        const life = await stage.start({ directoryOf: () => directory });
        const hold = stage.server.faults.hold('upload.getFile');
        sendFile(stage, 'old.txt', 'an old one');
        await hold.held;
        stage.server.world.expireFileReferences();
        hold.release();
        expect(await untilText(life, /an old one\n\[/)).to.match(/saved as inbox/);
      }),
    ));

  it('that never comes holds up its message no longer than its time, and nobody else', () =>
    inDirectory((directory) =>
      onStage({ timing: { downloadTimeoutMs: 2_000 } }, async (stage) => {
        const life = await stage.start({ directoryOf: () => directory });
        const hold = stage.server.faults.hold('upload.getFile');
        sendFile(stage, 'slow.txt', 'a slow one');
        await hold.held;
        stage.server.world.sendMessage({ from: BEN, chat: BOT, text: 'meanwhile' });
        await life.untilReceived('meanwhile');
        expect(await untilText(life, /a slow one\n\[/)).to.match(/the file was not taken: Telegram: the download did not end/);
        expect(life.order.map((text) => text.split('\n').at(-1))).to.deep.equal(['a slow one', 'meanwhile']);
        hold.release();
      }),
    ));

  it('of an album comes as one message with all of its files', () =>
    inDirectory((directory) =>
      onStage({}, async (stage) => {
        const life = await stage.start({ directoryOf: () => directory });
        sendAlbum(stage, 'our trip', ['one', 'two', 'three']);
        const text = await untilText(life, /our trip(.*saved as){3}/s);
        expect(text.match(/saved as inbox/g)).to.have.length(3);
        expect(await readdir(join(directory, 'inbox', String(ANN)))).to.have.length(3);
        stage.server.world.sendMessage({ from: ANN, chat: BOT, text: 'and a word' });
        await life.untilReceived('and a word');
        expect(life.received).to.have.length(2);
      }),
    ));
});

describe('Telegram albums', () => {
  for (const [where, chat] of [
    ['a direct chat', BOT],
    ['a supergroup', markedChannelId(SUPERGROUP)],
  ] as const)
    it(`an edit of any part, in ${where}, is an edit of the message that the album was received as, with all of its text`, () =>
      onStage({}, async (stage) => {
        const { world } = stage.server;
        const life = await stage.start();
        world.sendMessage({ from: ANN, chat, text: '@kept_bot before' });
        const parts = ['one', 'two', 'three'].map((text) =>
          world.sendMessage({ from: ANN, chat, text: `@kept_bot ${text}`, album: 77n, media: { photo: Buffer.from(text) } }),
        );
        world.sendMessage({ from: ANN, chat, text: '@kept_bot other', album: 78n, media: { photo: Buffer.from('x') } });
        await untilText(life, /three/);
        await untilText(life, /other/);
        const whole = life.received.find(({ text }) => text.includes('three'));
        world.editMessage(parts[1] as Message, '@kept_bot second');
        await untilText(life, /second/);
        const edited = life.received.at(-1);
        const now = whole?.parts?.map((part) => ({ ...part, text: part.text.replace('two', 'second') }));
        const { editedAt = 0 } = edited ?? {};
        expect(editedAt).to.be.at.least(whole?.sentAt ?? Number.POSITIVE_INFINITY);
        expect(edited).to.deep.equal({ ...whole, text: whole?.text.replace('two', 'second'), parts: now, editedAt, edited: true });
        expect(edited?.text).to.match(/one.*second.*three$/s);
      }));

  it('an edit of what is left of one whose first part was deleted says that it may be known by another number', () =>
    onStage({}, async (stage) => {
      const { world } = stage.server;
      const life = await stage.start();
      world.sendMessage({ from: ANN, chat: BOT, text: 'before' });
      const [first, second, third] = ['one', 'two', 'three'].map((text) =>
        world.sendMessage({ from: ANN, chat: BOT, text, album: 77n, media: { photo: Buffer.from(text) } }),
      ) as [Message, Message, Message];
      await untilText(life, /three/);
      world.editMessage(second, 'second');
      await untilText(life, /second/);
      expect(life.received.at(-1)?.edited).to.equal(true);
      world.deleteMessages(first);
      world.editMessage(third, 'third');
      await untilText(life, /third/);
      expect(life.received.at(-1)).to.include({ edited: 'remains' });
    }));

  it('a part is edited alone where Telegram no longer tells of the others', () =>
    onStage({}, async (stage) => {
      const { world, faults } = stage.server;
      const life = await stage.start();
      const part = world.sendMessage({ from: ANN, chat: BOT, text: 'one', album: 77n, media: { photo: Buffer.from('x') } });
      await untilText(life, /one/);
      faults.fail('messages.getMessages', 'MSG_ID_INVALID', 1);
      world.editMessage(part, 'once');
      await untilText(life, /once/);
      expect(life.received.at(-1)).to.include({ edited: 'remains', messageId: life.received[0]?.messageId });
    }));
});

describe('Telegram inbox', () => {
  const file = (name: string, bytes = CONTENT) => ({ room: -100123, message: 7, name, bytes });

  it('makes names of names, and of paths too', () => {
    expect(safeName('report (final).pdf')).to.equal('report_final_.pdf');
    expect(safeName('../../etc/passwd')).to.equal('etc_passwd');
    expect(safeName('.bashrc')).to.equal('.bashrc');
    expect(['..env', '..', '.', '_._', ''].map(safeName)).to.deep.equal(['.env', 'file', 'file', 'file', 'file']);
    expect(safeName('Отчёт №5.docx')).to.equal('Отчёт_5.docx'.normalize('NFC'));
    expect(safeName('a\u0000b\u202Egnp.exe')).to.equal('a_b_gnp.exe');
    expect(safeName('///')).to.equal('file');
    const long = safeName(`${'щ'.repeat(500)}.tar`);
    expect(Buffer.byteLength(long)).to.be.at.most(150);
    expect(long).to.match(/\.tar$/);
  });

  it('keeps what is there already', () =>
    inDirectory(async (directory) => {
      const path = await keepFile(directory, file('a.txt'));
      expect(path).to.equal('inbox/-100123/7-a.txt');
      expect(await keepFile(directory, file('a.txt', Buffer.from('another')))).to.equal(path);
      expect(await readFile(join(directory, path))).to.deep.equal(CONTENT);
      expect(await readdir(join(directory, 'inbox/-100123')), 'nothing half done is left').to.deep.equal(['7-a.txt']);
    }));

  it('writes neither through links nor into what they lead to', () =>
    inDirectory(async (directory) => {
      const outside = join(directory, 'outside');
      const inside = join(directory, 'inside');
      await mkdir(outside);
      await mkdir(inside);
      await symlink(outside, join(inside, 'inbox'));
      const refused = await keepFile(inside, file('a.txt')).then(
        () => undefined,
        (error: Error) => error.message,
      );
      expect(refused).to.match(/leads out/);
      expect(await readdir(outside)).to.deep.equal([]);
      await rm(join(inside, 'inbox'));
      await mkdir(join(inside, 'inbox', '-100123'), { recursive: true });
      await writeFile(join(outside, 'target'), 'precious');
      await symlink(join(outside, 'target'), join(inside, 'inbox', '-100123', '7-a.txt'));
      await keepFile(inside, file('a.txt'));
      expect(await readFile(join(outside, 'target'), 'utf8')).to.equal('precious');
    }));
});
