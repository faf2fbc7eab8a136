import { expect } from 'chai';
import { makeFactTools } from '../../../src/adapters/tools/index.ts';
import { CHAT_AGENT } from '../../../src/application/index.ts';
import { makeDraftFact, makeDraftForgetting, makeRecallFacts } from '../../../src/application/recall/facts.ts';
import type { ChatId, Fact } from '../../../src/domain/index.ts';
import { factId } from '../../../src/domain/index.ts';
import { MAX_FACTS } from '../../../src/domain/recall/limits.ts';
import {
  buildFact,
  buildMessage,
  buildPolicy,
  buildWorkspace,
  GROUP,
  makeScriptedModel,
  telegramChat,
  telegramMessage,
} from '../../../src/testing/index.ts';
import { makeProcess, makeWorld, redact } from '../support/harness.ts';
import { running } from '../support/turn-harness.ts';

const DIRECT = telegramChat(501);
const policy = buildPolicy({ workspaces: [buildWorkspace({ name: 'Tea', chatIds: [GROUP], isDevGroup: true })] });
const call = (tool: string, input: object, id = tool) => ({ text: '', toolCalls: [{ id, tool, input }] });

const stage = async (facts: readonly Partial<Fact>[]) => {
  const world = makeWorld();
  const { stores } = world.storage;
  const ids = await stores.facts.reserveIds(facts.length);
  await stores.facts.add(facts.map((fact, at) => buildFact({ text: `Fact ${at}`, ...fact, id: factId(Number(ids[at])) })));
  const tools = makeFactTools({
    draftFact: makeDraftFact({ facts: stores.facts, clock: world.clock, redact }),
    recallFacts: makeRecallFacts({ facts: stores.facts }),
    draftForgetting: makeDraftForgetting({ facts: stores.facts }),
    timeZone: 'UTC',
  });
  let n = 0;
  const send = async (text: string, chatId: ChatId, calls: readonly ReturnType<typeof call>[] = []) => {
    const model = makeScriptedModel([...calls, { text: 'Done.' }]);
    const process = makeProcess(world, { model, policy, tools, agent: { ...CHAT_AGENT, tools: ['remember', 'recall', 'forget'] } });
    const messageId = telegramMessage(++n);
    await process.receive(buildMessage({ chatId, chatKind: chatId === GROUP ? 'group' : 'direct', messageId, text }));
    await process.answerChat(chatId, running);
    const outputs = model.requests.at(-1)?.conversation.flatMap((step) => (step.role === 'tool' ? [step.output] : [])) ?? [];
    const [item] = await stores.outbox.answering(chatId, messageId);
    return { outputs: outputs.slice(-calls.length), text: item?.text ?? '', events: process.recorded };
  };
  return { stores, send };
};
const many = (terms: Partial<Fact>, count = MAX_FACTS): readonly Partial<Fact>[] => Array.from({ length: count }, () => terms);
const OF_TEA = { workspace: 'Tea', chatId: GROUP };
const OF_ADA = { chatId: DIRECT };

describe('The limit of facts', () => {
  it('counts those of a workspace and those of a person apart', async () => {
    const { send } = await stage([...many(OF_TEA), ...many({ chatId: GROUP }, MAX_FACTS - 1)]);
    const { outputs } = await send('remember this', GROUP, [
      call('remember', { text: 'Ours.' }, 'a'),
      call('remember', { text: 'Mine.', about: 'person' }, 'b'),
      call('remember', { text: 'Mine, too.', about: 'person' }, 'c'),
    ]);
    expect(outputs[0]).to.equal(
      'Nothing was remembered: 200 facts are remembered for the workspace Tea, which is the most: forget one of them first.',
    );
    expect(outputs[1]).to.match(/^Fact #\d+ is remembered with this reply.$/);
    expect(outputs[2]).to.equal(
      'Nothing was remembered: 200 facts are remembered about this person, which is the most: forget one of them first (in a direct chat, all of them are seen).',
    );
  });

  it('of a person counts what was said in other chats, which are not seen here', async () => {
    const { send } = await stage(many(OF_ADA));
    const { outputs } = await send('remember this', GROUP, [call('remember', { text: 'Mine.', about: 'person' })]);
    expect(outputs[0]).to.include('200 facts are remembered about this person');
  });

  it('has room again for what is forgotten, in the same turn, too', async () => {
    const { send, stores } = await stage(many(OF_TEA));
    const { outputs } = await send('replace it', GROUP, [
      call('forget', { number: 7 }),
      call('remember', { text: 'New.' }, 'a'),
      call('remember', { text: 'One more.' }, 'b'),
    ]);
    expect(outputs[1]).to.match(/^Fact #\d+ is remembered/);
    expect(outputs[2]).to.include('which is the most');
    const place = { personId: buildMessage().sender.id, workspace: 'Tea', room: GROUP };
    expect((await stores.facts.find(place, 999)).length).to.equal(MAX_FACTS);
  });

  it('leaves all facts of both to be listed, and to be forgotten', async () => {
    const { send } = await stage([...many(OF_TEA), ...many({ chatId: GROUP })]);
    expect((await send('all', GROUP, [call('recall', {})])).outputs[0]).to.include('400 of 400 facts');
    const { text } = await send('/memory', GROUP);
    expect(text).to.include('and 350 more').and.include('/forget all forgets all 400');
    expect((await send('/forget all', GROUP)).text).to.match(/^Forgotten: 400 facts/);
    expect((await send('/memory', GROUP)).text).to.include('nothing');
  });
});

describe('What becomes of facts', () => {
  it('is told by events with their numbers alone', async () => {
    const { send } = await stage([OF_TEA, OF_ADA]);
    const { events } = await send('remember this', GROUP, [
      call('remember', { text: 'Ours.' }, 'a'),
      call('remember', { text: 'Mine.', about: 'person' }, 'b'),
      call('forget', { number: 1 }),
    ]);
    const of = { chatId: GROUP, messageId: telegramMessage(1) };
    expect(events.of('fact-remembered')).to.deep.equal([
      { type: 'fact-remembered', factId: 3, about: 'workspace', ...of },
      { type: 'fact-remembered', factId: 4, about: 'person', ...of },
    ]);
    expect(events.of('fact-forgotten')).to.deep.equal([{ type: 'fact-forgotten', factId: 1, chatId: GROUP, by: 'turn' }]);
  });

  it('by /forget is an event, too', async () => {
    const { send } = await stage([OF_ADA, OF_ADA]);
    expect((await send('/forget 1', DIRECT)).events.of('fact-forgotten')).to.deep.equal([
      { type: 'fact-forgotten', factId: 1, chatId: DIRECT, by: 'command' },
    ]);
    expect((await send('/forget 9', DIRECT)).events.of('fact-forgotten')).to.deep.equal([]);
    expect((await send('/forget all', DIRECT)).events.of('fact-forgotten').map(({ factId }) => factId)).to.deep.equal([2]);
  });
});
