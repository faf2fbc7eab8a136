import { expect } from 'chai';
import type { IncomingMessage } from '../../../src/domain/index.ts';
import {
  buildMessage,
  buildPolicy,
  buildWorkspace,
  GROUP,
  makeScriptedModel,
  START,
  telegramMessage,
  telegramUser,
} from '../../../src/testing/index.ts';
import { makeProcess, makeWorld, settle } from '../support/harness.ts';
import { chat, running } from '../support/turn-harness.ts';

const message = (n: number, text: string, more: Parameters<typeof buildMessage>[0] = {}): IncomingMessage =>
  buildMessage({ messageId: telegramMessage(n), text, ...more });

const stage = () => {
  const world = makeWorld();
  const model = makeScriptedModel([{ text: 'Saved.' }, { text: 'Yes.' }, { text: 'Yes.' }]);
  const process = makeProcess(world, { model });
  const { links } = world.storage.stores;
  return {
    world,
    process,
    saved: async () => (await links.find({ tenant: chat, limit: 9 })).map(({ key }) => key),
    /** The notes of the last request; the last one of them tells the time. */
    notes: (at = -1) =>
      model.requests.at(at)?.conversation.flatMap((step) => (step.role === 'person' && step.note === true ? [step.text] : [])) ?? [],
    events: () => process.recorded.of('link-saved'),
  };
};
const edited = (first: IncomingMessage, text: string, at = 1): IncomingMessage => ({
  ...first,
  text,
  edited: true,
  editedAt: START + at * 60_000,
});

describe('A message that is nothing but links', () => {
  it('is told to the model as saved, in the turn that answers it alone', async () => {
    const { process, notes } = stage();
    await process.receive(message(1, 'https://tea.example/kinds https://tea.example/pots'));
    await process.answerChat(chat, running);
    expect(notes()[0]).to.match(/^\(Note: .*nothing but links.*saved/);
    expect(notes().join()).not.to.include('tea.example');
    await process.receive(message(2, 'How are you?'));
    await process.answerChat(chat, running);
    expect(notes()).to.have.length(1);
    expect(notes().join()).not.to.include('saved');
  });

  it('is saved up to ten links, and the model is told how many are not', async () => {
    const { process, notes, world } = stage();
    await process.receive(message(1, Array.from({ length: 12 }, (_, n) => `https://tea.example/${n}`).join(', ')));
    await process.answerChat(chat, running);
    expect(await world.storage.stores.links.find({ tenant: chat, limit: 99 })).to.have.length(10);
    expect(notes()[0]).to.match(/nothing but links\. The first 10 are saved already.* 2 links were not saved/);
  });

  it('says of several messages how many of them are saved', async () => {
    const { process, notes } = stage();
    for (const [n, text] of ['https://a.example', 'and this?', 'https://b.example'].entries()) await process.receive(message(n + 1, text));
    await process.answerChat(chat, running);
    expect(notes()[0]).to.include('2 of these messages are nothing but links');
  });

  it('says so of several messages, too, that are all links', async () => {
    const { process, notes } = stage();
    for (const [n, text] of ['https://a.example', 'https://b.example'].entries()) await process.receive(message(n + 1, text));
    await process.answerChat(chat, running);
    expect(notes()[0]).to.include('2 of these messages are nothing but links');
  });

  it('is an event without its address', async () => {
    const { process, events } = stage();
    await process.receive(message(1, 'https://tea.example/kinds'));
    expect(events()).to.deep.equal([{ type: 'link-saved', chatId: chat, messageId: telegramMessage(1), by: 'message', count: 1 }]);
  });

  it('by an edit is saved; what an edit takes away is saved no more', async () => {
    const { process, saved, events } = stage();
    const first = message(1, 'what is it?');
    await process.receive(first);
    await process.receive(edited(first, 'https://a.example https://b.example'));
    expect(await saved()).to.deep.equal(['b.example', 'a.example']);
    await process.answerChat(chat, running);
    await process.receive(edited(first, 'https://b.example https://c.example', 2));
    expect(await saved()).to.deep.equal(['c.example', 'b.example']);
    await process.receive(edited(first, 'never mind https://c.example', 3));
    expect(await saved()).to.deep.equal([]);
    expect(events().map(({ count }) => count)).to.deep.equal([2, 2]);
  });

  it('keeps the note of a link that an edit leaves', async () => {
    const { process, world } = stage();
    const first = message(1, 'https://a.example');
    await process.receive(first);
    const [link] = await world.storage.stores.links.find({ tenant: chat, limit: 9 });
    if (!link) throw new Error('nothing is saved');
    await world.storage.stores.links.save([{ ...link, note: 'Mine' }]);
    await process.receive(edited(first, 'https://a.example https://b.example'));
    expect((await world.storage.stores.links.find({ tenant: chat, limit: 9 })).map(({ note }) => note)).to.deep.equal([undefined, 'Mine']);
  });

  it('beside its files is saved, and told', async () => {
    const { process, saved, notes } = stage();
    const attachments = [{ messageId: telegramMessage(1), kind: 'photo' as const, fileName: 'a.jpg' }];
    await process.receive(message(1, '[photo]\nhttps://a.example', { attachments }));
    process.attachments.add((await process.receive(message(1, '', { attachments }))) as never);
    await settle();
    await settle();
    await process.answerChat(chat, running);
    expect(await saved()).to.deep.equal(['a.example']);
    expect(notes()[0]).to.match(/saved/);
  });

  it('through the words of its files is saved when they are there', async () => {
    const { process, saved, world } = stage();
    world.gateway.fetchAttachments = async () => [{ messageId: telegramMessage(1), kind: 'document', words: 'https://a.example' }];
    await process.receive(message(1, '', { attachments: [{ messageId: telegramMessage(1), kind: 'document', fileName: 'a.txt' }] }));
    await settle();
    await settle();
    expect(await saved()).to.deep.equal(['a.example']);
  });
});

describe('A saved link', () => {
  it('is counted by /memory, and removed by /forget with its address, as anybody may write it', async () => {
    const { process, world, saved } = stage();
    const say = async (n: number, text: string): Promise<string> => {
      await process.receive(message(n, text));
      await process.answerChat(chat, running);
      const [item] = await world.storage.stores.outbox.answering(chat, telegramMessage(n));
      return item?.text ?? '';
    };
    await process.receive(message(1, 'https://tea.example/kinds https://b.example'));
    await process.answerChat(chat, running);
    expect(await say(2, '/memory')).to.equal(
      'I remember nothing here. Ask me to remember something.\n2 links are saved here: ask me for them. /forget with a link removes it.',
    );
    expect(await say(3, '/forget http://www.tea.example/kinds/#top')).to.equal(
      'The link http://www.tea.example/kinds/#top is saved no more. What was said in the chat stays in its history.',
    );
    expect(await saved()).to.deep.equal(['b.example']);
    expect(await say(4, '/forget https://tea.example/kinds')).to.equal('That link is not saved here.');
    expect(process.recorded.of('link-forgotten')).to.deep.equal([{ type: 'link-forgotten', chatId: chat }]);
  });
});

describe('A link', () => {
  const say = (tool: string, input: object) => ({ text: '', toolCalls: [{ id: `${tool}1`, tool, input }] });
  const people = async (input: object) => {
    const world = makeWorld();
    const model = makeScriptedModel([say('save_link', input), { text: 'Done.' }]);
    const policy = buildPolicy({ workspaces: [buildWorkspace({ name: 'Tea', chatIds: [GROUP], isDevGroup: true })] });
    const { makeDraftLink } = await import('../../../src/application/recall/links.ts');
    const { makeLinkTools } = await import('../../../src/adapters/tools/index.ts');
    const { CHAT_AGENT } = await import('../../../src/application/index.ts');
    const tools = makeLinkTools({
      draftLink: makeDraftLink({ clock: world.clock, redact: (text) => text }),
      searchLinks: async () => ({ query: [], items: [], isMore: false }),
      timeZone: 'UTC',
    });
    const process = makeProcess(world, { model, policy, tools, agent: { ...CHAT_AGENT, tools: ['save_link'] } });
    for (const n of [1, 2])
      await process.receive(
        message(n, `keep link ${n}`, {
          chatId: GROUP,
          chatKind: 'group',
          sender: { id: telegramUser(500 + n), username: `person${n}`, kind: 'person' },
        }),
      );
    await process.answerChat(GROUP, running);
    const outputs = model.requests.at(-1)?.conversation.flatMap((step) => (step.role === 'tool' ? [step.output] : []));
    const [link] = await world.storage.stores.links.find({ tenant: 'Tea', limit: 9 });
    return { output: outputs?.at(-1), by: link?.savedBy.name, events: process.recorded.of('link-saved') };
  };

  it('is credited to who sent the message that asks for it', async () => {
    const { by, events } = await people({ url: 'https://a.example', message: '1' });
    expect(by).to.equal('person1');
    expect(events).to.deep.equal([{ type: 'link-saved', chatId: GROUP, by: 'turn', count: 1 }]);
  });

  it('is not saved where several people wrote and no message is named', async () => {
    const { output, by } = await people({ url: 'https://a.example' });
    expect(output).to.equal('No link was saved: several people wrote: name the message that asks for it.');
    expect(by).to.equal(undefined);
  });
});
