import { expect } from 'chai';
import { makeFactTools, makeLinkTools } from '../../../src/adapters/tools/index.ts';
import { CHAT_AGENT } from '../../../src/application/index.ts';
import { makeDraftFact, makeDraftForgetting, makeRecallFacts } from '../../../src/application/recall/facts.ts';
import { linksIn, makeDraftLink, makeSearchLinks } from '../../../src/application/recall/links.ts';
import { PortError, type Tool } from '../../../src/ports/index.ts';
import {
  buildMessage,
  buildPolicy,
  buildWorkspace,
  GROUP,
  makeScriptedModel,
  telegramMessage,
  telegramUser,
} from '../../../src/testing/index.ts';
import { makeProcess, makeWorld, redact } from '../support/harness.ts';
import { ask, chat, running } from '../support/turn-harness.ts';

const AGENT = { ...CHAT_AGENT, tools: ['remember', 'recall', 'forget', 'save_link', 'search_links'] };

/** The product's own tools over this world's stores. */
const toolsOver = ({ storage: { stores }, clock }: ReturnType<typeof makeWorld>): readonly Tool[] => {
  const actions = {
    draftFact: makeDraftFact({ facts: stores.facts, clock, redact }),
    recallFacts: makeRecallFacts({ facts: stores.facts }),
    draftForgetting: makeDraftForgetting({ facts: stores.facts }),
    draftLink: makeDraftLink({ clock, redact }),
    searchLinks: makeSearchLinks({ links: stores.links }),
    timeZone: 'UTC',
  };
  return [...makeFactTools(actions), ...makeLinkTools(actions)];
};
const call = (tool: string, input: object) => ({ text: '', toolCalls: [{ id: tool, tool, input }] });

describe('Facts', () => {
  /** Says something, and lets the model make these calls before its answer; resolves to what they gave. */
  const turn = async (world: ReturnType<typeof makeWorld>, id: number, ...calls: readonly ReturnType<typeof call>[]) => {
    const model = makeScriptedModel([...calls, { text: 'Done.' }]);
    const process = makeProcess(world, { model, agent: AGENT, tools: toolsOver(world) });
    await process.receive(ask(id));
    await process.answerChat(chat, running);
    const outputs = model.requests.at(-1)?.conversation.flatMap((step) => (step.role === 'tool' ? [step.output] : [])) ?? [];
    return outputs.slice(-calls.length);
  };
  const said = async (world: ReturnType<typeof makeWorld>, id: number, text: string) => {
    const process = makeProcess(world, { model: makeScriptedModel([]) });
    await process.receive(buildMessage({ messageId: telegramMessage(id), text }));
    await process.answerChat(chat, running);
    const [item] = await world.storage.stores.outbox.answering(chat, telegramMessage(id));
    return item?.text ?? '';
  };

  it('are remembered with the turn, recalled by their words, shown by /memory, and forgotten', async () => {
    const world = makeWorld();
    const text = 'The office drinks green tea.';
    expect(await turn(world, 1, call('remember', { text }))).to.deep.equal(['Fact #1 is remembered with this reply.']);
    expect((await turn(world, 2, call('recall', { query: 'GREEN tea' })))[0])
      .to.include('1 of 1 facts')
      .and.include(text);
    expect((await turn(world, 3, call('recall', { query: 'coffee' })))[0]).to.include('None of the 1 facts');
    expect(await said(world, 4, '/memory'))
      .to.include(`#1 ${text} (about you`)
      .and.include('/forget all forgets it, too.');
    expect(await turn(world, 5, call('forget', { number: 1 }))).to.deep.equal(['Fact #1 is forgotten with this reply.']);
    expect(await said(world, 6, '/memory')).to.include('I remember nothing here.');
  });

  it('of several people in one turn are remembered as said by who said them, or not at all', async () => {
    const world = makeWorld();
    const remember = (id: string, message?: string) => ({
      text: '',
      toolCalls: [{ id, tool: 'remember', input: { text: 'I like tea.', about: 'person', ...(message ? { message } : {}) } }],
    });
    const model = makeScriptedModel([remember('a'), remember('b', '1'), { text: 'Done.' }]);
    const policy = buildPolicy({ workspaces: [buildWorkspace({ chatIds: [GROUP], isDevGroup: true })] });
    const process = makeProcess(world, { model, agent: AGENT, tools: toolsOver(world), policy });
    for (const n of [1, 2])
      await process.receive(
        buildMessage({
          chatId: GROUP,
          chatKind: 'group',
          messageId: telegramMessage(n),
          text: `I like tea ${n}`,
          sender: { id: telegramUser(500 + n), username: `person${n}`, kind: 'person' },
        }),
      );
    await process.answerChat(GROUP, running);
    const outputs = model.requests.at(-1)?.conversation.flatMap((step) => (step.role === 'tool' ? [step.output] : []));
    expect(outputs).to.deep.equal([
      'Nothing was remembered: several people wrote: name the message that says it.',
      'Fact #1 is remembered with this reply.',
    ]);
    const [fact] = await world.storage.stores.facts.find({ personId: telegramUser(501), room: GROUP }, 10);
    expect(fact?.saidBy).to.deep.equal({ id: telegramUser(501), name: 'person1' });
  });

  it('of a turn that fails are not remembered', async () => {
    const world = makeWorld();
    const error = new PortError('invalid-request', 'the model refused', { retryable: false });
    const process = makeProcess(world, {
      model: makeScriptedModel([call('remember', { text: 'Never said.' }), { error }]),
      agent: AGENT,
      tools: toolsOver(world),
    });
    await process.receive(ask(1));
    await process.answerChat(chat, running);
    expect(await world.storage.stores.facts.find({ personId: buildMessage().sender.id }, 10)).to.deep.equal([]);
  });

  it('may be forgotten in the turn that remembers them, once', async () => {
    const again = { text: '', toolCalls: [{ id: 'again', tool: 'forget', input: { number: 1 } }] };
    const outputs = await turn(makeWorld(), 1, call('remember', { text: 'A slip.' }), call('forget', { number: 1 }), again);
    expect(outputs.slice(1)).to.deep.equal(['Fact #1 is forgotten with this reply.', 'Nothing was forgotten: there is no fact #1 here.']);
  });

  it('are forgotten by /forget with a number, or all of them', async () => {
    const world = makeWorld();
    for (const [at, text] of ['One.', 'Two.', 'Three.'].entries()) await turn(world, at + 1, call('remember', { text }));
    expect(await said(world, 4, '/forget 2')).to.equal('Forgotten: #2 Two.\nWhat was said in the chat stays in its history.');
    expect(await said(world, 5, '/forget 2')).to.include('There is no fact #2 here');
    expect(await said(world, 6, '/forget')).to.include('Which fact?');
    expect(await said(world, 7, '/forget all')).to.equal('Forgotten: 2 facts about you. What was said in the chat stays in its history.');
    expect(await said(world, 8, '/forget all')).to.equal('I remember nothing here.');
  });
});

describe('Links', () => {
  const policy = buildPolicy({ workspaces: [buildWorkspace({ name: 'Tea', chatIds: [GROUP] })] });
  const message = (text: string, more = {}) => buildMessage({ chatId: GROUP, chatKind: 'group', text, ...more });

  it('are found in a message that is nothing but links, for the workspace', () => {
    const [link, ...others] = linksIn(message('https://tea.example/kinds?utm_source=x'), policy, 5);
    expect(others).to.deep.equal([]);
    expect(link).to.deep.include({ tenant: 'Tea', key: 'tea.example/kinds', savedAt: 5, messageId: telegramMessage(1) });
    expect(linksIn(message('https://a.example https://b.example'), policy, 5)).to.have.length(2);
  });

  for (const text of ['look: https://a.example', 'https://', 'ftp://a.example', '', 'javascript:alert(1)'])
    it(`are none in ${JSON.stringify(text)}`, () => expect(linksIn(message(text), policy, 5)).to.deep.equal([]));

  it('of bots are not saved', () =>
    expect(linksIn(message('https://a.example', { sender: { id: telegramUser(9), kind: 'bot' } }), policy, 5)).to.deep.equal([]));

  it('that a turn saves twice keep the last note', async () => {
    const world = makeWorld();
    const save = (id: string, note: string) => ({
      text: '',
      toolCalls: [{ id, tool: 'save_link', input: { url: 'https://tea.example/pots', note } }],
    });
    const model = makeScriptedModel([save('a', 'first'), save('b', 'second'), { text: 'Done.' }]);
    const process = makeProcess(world, { model, agent: AGENT, tools: toolsOver(world) });
    await process.receive(ask(1));
    await process.answerChat(chat, running);
    const links = await world.storage.stores.links.find({ tenant: chat, limit: 9 });
    expect(links.map(({ note }) => note)).to.deep.equal(['second']);
  });

  it('that a message brings are saved when it is received; all are found by their words', async () => {
    const world = makeWorld();
    const saving = call('save_link', { url: 'https://tea.example/pots', note: 'pots for the office' });
    const model = makeScriptedModel([
      { text: 'I saved it.' },
      saving,
      { text: 'I saved it.' },
      call('search_links', { query: 'office' }),
      { text: 'Here.' },
    ]);
    const process = makeProcess(world, { model, agent: AGENT, tools: toolsOver(world) });
    await process.receive(buildMessage({ messageId: telegramMessage(1), text: 'https://tea.example/kinds' }));
    await process.answerChat(chat, running);
    for (const id of [2, 3]) {
      await process.receive(ask(id));
      await process.answerChat(chat, running);
    }
    expect(await world.storage.stores.links.count(chat)).to.equal(2);
    const outputs = model.requests.at(-1)?.conversation.flatMap((step) => (step.role === 'tool' ? [step.output] : []));
    expect(outputs?.at(-1)).to.include('https://tea.example/pots').and.include('pots for the office').and.not.include('kinds');
  });
});
