import { expect } from 'chai';
import type { ConversationStep } from '../../../src/domain/conversation/conversation.ts';
import type { Attachment, Media, MessageId } from '../../../src/domain/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import {
  buildMessage,
  type MessageOverrides,
  makeScriptedModel,
  type ScriptedModel,
  telegramChat,
  telegramMessage,
} from '../../../src/testing/index.ts';
import { pdfOf, pngOf, textOf } from '../../support/sample-files.ts';
import { withoutNotes } from '../../support/without-notes.ts';
import { advance, makeProcess, makeWorld, type ProcessOptions, SECRET, settle } from '../support/harness.ts';

const ADA = telegramChat(501);
type Script = Parameters<typeof makeScriptedModel>[0];

/** The files of a workspace, by path. */
const memoryFiles = (files: Map<string, Uint8Array | Error>): NonNullable<ProcessOptions['files']> & { readonly reads: string[] } => {
  const reads: string[] = [];
  const bytesOf = (path: string): Uint8Array => {
    const file = files.get(path) ?? new PortError('not-found', `${path} does not exist`, { retryable: false });
    if (file instanceof Error) throw file;
    return file;
  };
  return {
    reads,
    readBytes: async (_, path, { maxBytes }) => {
      reads.push(`${path} ${maxBytes}`);
      const bytes = bytesOf(path);
      return { bytes: bytes.subarray(0, maxBytes), sizeBytes: bytes.length };
    },
    read: async (_, path, { maxBytes }) => {
      reads.push(path);
      const bytes = bytesOf(path);
      const text = new TextDecoder().decode(bytes.subarray(0, maxBytes));
      return { text, sizeBytes: bytes.length, endOffset: Math.min(bytes.length, maxBytes), truncated: bytes.length > maxBytes };
    },
  };
};

const stage = (script: Script, stored: Record<string, Uint8Array | Error> = {}, options: ProcessOptions = {}) => {
  const files = new Map(Object.entries(stored).map(([name, bytes]) => [`inbox/${name}`, bytes]));
  const world = makeWorld();
  const model: ScriptedModel = makeScriptedModel(script);
  const disk = memoryFiles(files);
  const process = makeProcess(world, { model, files: disk, ...options });
  process.start();
  const send = async (n: number, names: readonly string[], more: MessageOverrides = {}): Promise<void> => {
    const attachments = names.map((fileName): Attachment => ({ messageId: telegramMessage(n), kind: 'document', fileName }));
    await process.receive(
      buildMessage({ messageId: telegramMessage(n), text: `message ${n}`, ...(names.length > 0 ? { attachments } : {}), ...more }),
    );
    for (let i = 0; i < 5; i++) await settle();
    await advance(world, 1_000, 100);
  };
  return { world, model, process, files, disk, send };
};

const mediaIn = (steps: readonly ConversationStep[] = []): readonly (readonly [MessageId | undefined, Media])[] =>
  steps.flatMap((step) => (step.role === 'person' ? (step.media ?? []).map((media) => [step.messageId, media] as const) : []));
const namesIn = (steps: readonly ConversationStep[] = []): readonly string[] =>
  mediaIn(steps).map(([, { name }]) => name.replace('inbox/', ''));
const notesIn = (steps: readonly ConversationStep[] = []): readonly string[] =>
  steps.flatMap((step) => (step.role === 'person' && step.note && step.text.includes('not shown') ? [step.text] : []));
const asBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

describe('The files of a turn', () => {
  it('are shown with the message that brought them, whatever their names say, and their bytes are stored nowhere', async () => {
    const [png, pdf] = [pngOf(30, 20), pdfOf(2)];
    const { world, model, process, send } = stage([{ text: 'I see.' }], {
      'a.txt': png,
      'b.pdf': pdf,
      'c.jpg': textOf(`a ${SECRET} text`),
    });
    await send(1, ['a.txt', 'b.pdf', 'c.jpg']);
    expect(mediaIn(model.requests[0]?.conversation)).to.deep.equal([
      [telegramMessage(1), { kind: 'picture', name: 'inbox/a.txt', type: 'image/png', base64: asBase64(png), width: 30, height: 20 }],
      [telegramMessage(1), { kind: 'pdf', name: 'inbox/b.pdf', base64: asBase64(pdf), pages: 2 }],
      [telegramMessage(1), { kind: 'text', name: 'inbox/c.jpg', text: 'a [redacted] text' }],
    ]);
    expect(notesIn(model.requests[0]?.conversation)).to.deep.equal([]);
    const [said] = withoutNotes(model.requests[0]?.conversation);
    expect(said).to.have.property('text').that.includes('[saved as inbox/a.txt]');
    expect(process.recorded.of('files-shown')).to.deep.equal([
      { type: 'files-shown', chatId: ADA, shown: 3, bytes: png.length + pdf.length + `a ${SECRET} text`.length, notShown: [] },
    ]);
    const kept = JSON.stringify([
      await world.storage.stores.conversations.recent(ADA, 9),
      await world.storage.stores.messages.get(ADA, telegramMessage(1)),
      process.recorded.events,
      process.logger.lines,
    ]);
    expect(kept).to.not.include(asBase64(png).slice(0, 20)).and.not.include(asBase64(pdf).slice(0, 20));
  });

  it('take their room in memory until the turn has ended, and no longer', async () => {
    const turns = [1, 2, 3, 4, 5, 6];
    const names = (turn: number): readonly string[] => ['a', 'b', 'c', 'd'].map((name) => `${turn}${name}.png`);
    const png = pngOf(10, 10, 3_500_000);
    const stored = Object.fromEntries(turns.flatMap(names).map((name) => [name, png]));
    const { model, send } = stage(
      turns.map((turn) => (turn === 2 ? { error: new PortError('unauthorised', 'no', { retryable: false }) } : { text: 'I see.' })),
      stored,
    );
    for (const turn of turns) {
      await send(turn, names(turn));
      expect(namesIn(model.requests[turn - 1]?.conversation), `turn ${turn}`).to.include.members([...names(turn)]);
    }
  });

  it('are told of where a model is not shown them, with the reason', async () => {
    const { model, process, send } = stage([{ text: 'I see.' }], {
      'big.png': pngOf(10, 10, 3_500_001),
      'wide.png': pngOf(9_000, 10),
      'many.pdf': pdfOf(400),
      'big.pdf': pdfOf(3, 10_000_001),
      'locked.pdf': textOf('%PDF-1.7 trailer<</Encrypt 9 0 R>>'),
      'broken.png': pngOf(0, 10),
      'a.zip': Uint8Array.from([0x50, 0x4b, 3, 4, 0]),
      'key.txt': new PortError('invalid-request', 'kept from agents', { retryable: false }),
      'long.txt': textOf('x'.repeat(100_001)),
    });
    const names = ['big.png', 'wide.png', 'many.pdf', 'big.pdf', 'locked.pdf', 'broken.png', 'a.zip', 'key.txt', 'gone.txt', 'long.txt'];
    await send(1, names);
    const { conversation } = model.requests[0] ?? expect.fail('it was not asked');
    expect(notesIn(conversation)).to.deep.equal([
      '(Note: you are not shown these files of the message above. ' +
        'inbox/big.png: it has 3.5 MB, and 3.5 MB are the most. ' +
        'inbox/wide.png: it has 9,000 × 10 pixels, and 8,000 a side are the most. ' +
        'inbox/many.pdf: it has 400 pages, and 100 are the most. ' +
        'inbox/big.pdf: it has 10 MB, and 10 MB are the most. ' +
        'inbox/locked.pdf: it is locked with a password. ' +
        'inbox/broken.png: it is damaged. ' +
        'inbox/a.zip: it is no picture (JPEG, PNG, GIF, WebP), no PDF and no text. ' +
        "inbox/key.txt: it can't be read. " +
        'inbox/gone.txt: it is not there any more.)',
    ]);
    const [[, long]] = mediaIn(conversation) as [readonly [MessageId, Media & { kind: 'text' }]];
    expect(long.text).to.equal(`${'x'.repeat(100_000)}\n(Cut here: 100000 of 100001 bytes are shown.)`);
    const [{ shown, notShown }] = process.recorded.of('files-shown') as [never];
    expect([shown, (notShown as readonly { reason: string }[]).map(({ reason }) => reason)]).to.deep.equal([
      1,
      ['too-large', 'too-wide', 'too-many-pages', 'too-large', 'locked', 'damaged', 'other-kind', 'unreadable', 'gone'],
    ]);
  });

  it('are not what a person, or a gateway, only says to be there', async () => {
    const { model, send, disk } = stage([{ text: 'I see.' }], { 'a.png': pngOf(1, 1) });
    await send(1, [], { text: '[saved as inbox/a.png]' });
    expect(mediaIn(model.requests[0]?.conversation)).to.deep.equal([]);
    expect(disk.reads).to.deep.equal([]);
    await send(2, [], { text: 'mine', files: [{ messageId: telegramMessage(2), kind: 'photo', path: 'inbox/a.png', words: '' }] });
    expect(disk.reads, 'a gateway can not say where a file is').to.deep.equal([]);
  });

  it('are told of without a look into them, where they are films or songs; of a voice there are words already', async () => {
    const { model, send, disk } = stage([{ text: 'I see.' }]);
    const kinds = ['voice', 'video', 'audio'] as const;
    await send(1, ['x'], { attachments: kinds.map((kind) => ({ messageId: telegramMessage(1), kind, fileName: `a.${kind}` })) });
    const [note = ''] = notesIn(model.requests[0]?.conversation);
    expect(note).to.include('inbox/a.video: it is no picture').and.include('inbox/a.audio: it is no picture').and.not.include('voice');
    expect(disk.reads).to.deep.equal([]);
  });

  it('of earlier messages begin at one in four, so that most requests only add to the one before', async () => {
    const names = Array.from({ length: 14 }, (_, at) => `${at + 1}.png`);
    const { model, send } = stage(
      names.map(() => ({ text: 'I see.' })),
      Object.fromEntries(names.map((name) => [name, pngOf(10, 10)])),
      { turn: { maxHistory: 50 } },
    );
    for (const [at, name] of names.entries()) await send(at + 1, [name]);
    const shown = model.requests.map(({ conversation }) => namesIn(conversation).length);
    expect(shown).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 5, 6, 7, 8, 5, 6]);
    const said = model.requests.map(({ conversation }) => conversation.slice(0, -1).map((step) => JSON.stringify(step)));
    const changes = said.slice(1).filter((steps, at) => (said[at] ?? []).some((step, place) => steps[place] !== step));
    expect(changes, 'requests that change what was said before').to.have.length(2);
    expect(notesIn(model.requests.at(-1)?.conversation)).to.have.length(8);
    expect(notesIn(model.requests.at(-1)?.conversation)[0]).to.include('inbox/1.png: it came earlier');
  });

  it('that are too many at once are told of, the first ones', async () => {
    const names = Array.from({ length: 23 }, (_, at) => `${at + 1}.png`);
    const { model, send } = stage([{ text: 'I see.' }], Object.fromEntries(names.map((name) => [name, pngOf(10, 10)])));
    await send(1, names);
    expect(namesIn(model.requests[0]?.conversation)).to.deep.equal(names.slice(3));
    expect(notesIn(model.requests[0]?.conversation)[0]).to.match(/inbox\/1\.png: too many files came together.*inbox\/3\.png: too many/);
  });

  it('of a message that is replied to are shown with the reply, where that message is not in the conversation', async () => {
    const { model, send } = stage(
      [{ text: 'One.' }, { text: 'Two.' }, { text: 'Three.' }],
      { 'a.png': pngOf(10, 10) },
      { turn: { maxHistory: 1 } },
    );
    await send(1, ['a.png']);
    await send(2, []);
    expect(namesIn(model.requests[1]?.conversation)).to.deep.equal([]);
    await send(3, [], { replyTo: telegramMessage(1) });
    expect(mediaIn(model.requests[2]?.conversation).map(([id, { name }]) => [id, name])).to.deep.equal([
      [telegramMessage(3), 'inbox/a.png'],
    ]);
  });

  it('go with a deleted message and with a forgotten conversation', async () => {
    const { model, process, send } = stage(
      ['One.', 'Two.', 'Three.'].map((text) => ({ text })),
      { 'a.png': pngOf(10, 10), 'b.png': pngOf(10, 10) },
    );
    await send(1, ['a.png']);
    await send(2, ['b.png']);
    expect(namesIn(model.requests[1]?.conversation)).to.deep.equal(['a.png', 'b.png']);
    await process.erase({ chat: ADA, messageIds: [telegramMessage(1)] });
    await send(3, []);
    expect(namesIn(model.requests[2]?.conversation)).to.deep.equal(['b.png']);
  });

  it('of the question stay where a request is refused: what was said before may be what the model refuses', async () => {
    const refused = { error: new PortError('invalid-request', 'that was too much', { retryable: false }) };
    const stored = { 'a.png': pngOf(10, 10), 'b.png': pngOf(10, 10) };
    const { model, send } = stage([{ text: 'One.' }, refused, { text: 'I see it.' }], stored);
    await send(1, ['a.png']);
    await send(2, ['b.png']);
    const [, first, second] = model.requests;
    expect([namesIn(first?.conversation), namesIn(second?.conversation)]).to.deep.equal([['a.png', 'b.png'], ['b.png']]);
    expect(withoutNotes(second?.conversation).map(({ role }) => role)).to.deep.equal(['person']);
  });

  it('of earlier messages are left out first where all is too long, those of the question last', async () => {
    const error = new PortError('too-long', 'too long', { retryable: false });
    const untilWithout: Script[number] = ({ conversation }) => (namesIn(conversation).length > 0 ? { error } : { text: 'Two.' });
    const stored = { 'a.png': pngOf(10, 10), 'b.png': pngOf(10, 10) };
    const { model, send } = stage([{ text: 'One.' }, ...Array.from({ length: 6 }, () => untilWithout)], stored);
    await send(1, ['a.png']);
    await send(2, ['b.png']);
    const names = model.requests.slice(1).map(({ conversation }) => namesIn(conversation));
    expect(names[0]).to.deep.equal(['a.png', 'b.png']);
    expect(names[1]).to.deep.equal(['b.png']);
    expect(names.at(-1)).to.deep.equal([]);
    expect(withoutNotes(model.requests.at(-1)?.conversation).at(-1))
      .to.have.property('text')
      .that.includes('message 2');
  });

  it('of earlier messages have what the words leave of the room that a model turned out to have', async () => {
    const tooLong = { error: new PortError('too-long', 'too long', { retryable: false }) };
    const { model, send } = stage([{ text: 'One.' }, tooLong, { text: 'Two.' }, { text: 'Three.' }], { 'a.png': pngOf(500, 500) });
    await send(1, ['a.png'], { text: 'a long word '.repeat(150) });
    await send(2, []);
    await send(3, []);
    const last = model.requests.at(-1)?.conversation;
    expect(last?.[0]).to.have.property('messageId', telegramMessage(1));
    expect(namesIn(last)).to.deep.equal([]);
    expect(notesIn(last)[0]).to.include('it came earlier');
  });

  it('on a disk that does not answer keep nobody waiting for long', async () => {
    const never = new Promise<never>(() => undefined);
    const { world, model, send } = stage([{ text: 'I see nothing.' }], {}, { files: { read: () => never, readBytes: () => never } });
    await send(1, ['a.png', 'b.png']);
    expect(model.requests).to.have.length(0);
    await advance(world, 15_000, 500);
    expect(notesIn(model.requests[0]?.conversation)[0]).to.include("inbox/a.png: it can't be read. inbox/b.png: it can't be read.");
  });

  it('are the same for a turn that goes on in another process, or are told to be gone', async () => {
    const { world, process, model, files, disk, send } = stage(
      [{ toolCalls: [{ id: 'c1', tool: 'make_promise', input: { task: 'x' } }] }, { hang: true }],
      {
        'a.png': pngOf(10, 10),
      },
    );
    await send(1, ['a.png']);
    await model.untilAsked(2);
    process.life.end();
    const again = makeScriptedModel([{ text: 'Done.' }]);
    const next = makeProcess(world, { model: again, files: disk });
    next.start();
    await advance(world, 5_000, 500);
    expect(again.requests[0]?.conversation).to.deep.equal(model.requests[1]?.conversation);
    expect(namesIn(again.requests[0]?.conversation)).to.deep.equal(['a.png']);
    files.clear();
    const last = makeScriptedModel([{ text: 'It is gone.' }]);
    next.life.end();
    const third = makeProcess(world, { model: last, files: disk });
    third.start();
    await third.receive(buildMessage({ messageId: telegramMessage(2), text: 'and now?' }));
    await advance(world, 5_000, 500);
    expect(notesIn(last.requests[0]?.conversation)[0]).to.include('inbox/a.png: it is not there any more.');
  });
});
