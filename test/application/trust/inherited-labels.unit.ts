import { expect } from 'chai';
import { makeFactTools, makeLinkTools } from '../../../src/adapters/tools/index.ts';
import { makeDraftFact, makeRecallFacts } from '../../../src/application/recall/facts.ts';
import { makeDraftLink, makeSearchLinks } from '../../../src/application/recall/links.ts';
import type { AccessPolicy, IncomingMessage, Provenance } from '../../../src/domain/index.ts';
import { promiseId } from '../../../src/domain/index.ts';
import {
  buildMessage,
  buildPolicy,
  buildPromise,
  buildSchedule,
  buildTool,
  GROUP,
  makeScriptedModel,
  type ScriptedStep,
  telegramMessage,
  telegramUser,
} from '../../../src/testing/index.ts';
import { makeProcess, makeWorld, redact, settle } from '../support/harness.ts';
import { chat, promising, running } from '../support/turn-harness.ts';

const calling = (tool: string, input: unknown = {}): ScriptedStep => ({ toolCalls: [{ id: 'c1', tool, input }] });

/** Processes over one storage, one after the other, whose models play their scripts. */
const stage = (policy?: AccessPolicy) => {
  const world = makeWorld();
  const { stores } = world.storage;
  const seen: (Provenance | undefined)[] = [];
  const facts = makeFactTools({
    draftFact: makeDraftFact({ facts: stores.facts, clock: world.clock, redact }),
    recallFacts: makeRecallFacts({ facts: stores.facts }),
    draftForgetting: () => Promise.reject(new Error('called')),
    timeZone: 'UTC',
  });
  const links = makeLinkTools({
    draftLink: makeDraftLink({ clock: world.clock, redact }),
    searchLinks: makeSearchLinks({ links: stores.links }),
    timeZone: 'UTC',
  });
  const moreTools = [
    ...facts,
    ...links,
    buildTool({ name: 'read_page', source: 'web' }),
    buildTool({
      name: 'look',
      run: async (_, { shown }) => {
        seen.push(shown?.provenance());
        return { output: 'seen', isError: false };
      },
    }),
  ];
  const tools = ['make_promise', 'cancel_promise', ...moreTools.map(({ name }) => name)];
  const process = (script: readonly ScriptedStep[]) =>
    makeProcess(world, {
      model: makeScriptedModel(script),
      moreTools,
      executor: 'agent',
      agent: { name: 'all', description: '', instructions: 'Be brief.', tools, limits: { maxSteps: 8, maxOutputTokens: 100 } },
      ...(policy ? { policy } : {}),
    });
  let number = 0;
  /** One message, answered by a process of its own. */
  const say = async (script: readonly ScriptedStep[], message: Partial<Parameters<typeof buildMessage>[0]> = {}): Promise<void> => {
    const one = process(script);
    const received: IncomingMessage = buildMessage({ messageId: telegramMessage(++number), text: `question ${number}`, ...message });
    await one.receive(received);
    await one.answerChat(received.chat.id, running);
  };
  return { world, stores, seen, process, say };
};

const LOOK = [calling('look'), { text: 'Seen.' }];

describe('Labels that are inherited', () => {
  it('stay with the words of a conversation, in a later turn of another process', async () => {
    const { seen, say, stores } = stage();
    await say([calling('read_page'), { text: 'The page says so.' }]);
    await say(LOOK);
    expect(seen).to.deep.equal([{ labels: ['member', 'web', 'agent'] }]);
    const [, , , answer] = await stores.conversations.recent(chat, 20);
    expect(answer?.step).to.deep.include({ role: 'agent', text: 'The page says so.', provenance: { labels: ['member', 'web'] } });
    expect((await stores.outbox.named(`turn:${answer?.turnId}`))?.provenance).to.deep.equal({ labels: ['member', 'web'] });
  });

  it('go into a promise, its run, its result, and the next turn', async () => {
    const { world, seen, say, process, stores } = stage();
    await say([calling('read_page'), promising('Look at it'), { text: 'It is promised as #1.' }]);
    expect((await stores.promises.get(promiseId(1)))?.provenance).to.deep.equal({ labels: ['member', 'web', 'agent'] });
    await stores.conversations.forget(chat);
    const worker = process([calling('look'), { text: 'It is red.' }]);
    worker.worker.start();
    await settle();
    await world.clock.advance(1_000);
    await settle();
    const kept = await stores.promises.get(promiseId(1));
    expect(kept?.status).to.equal('completed');
    expect(kept?.provenance).to.deep.equal({ labels: ['member', 'web', 'agent'] });
    expect(seen).to.deep.equal([{ labels: ['member', 'web', 'agent'] }]);
    const told = (await stores.conversations.recent(chat, 1))[0]?.step;
    expect(told).to.deep.include({ role: 'agent', provenance: { labels: ['member', 'web', 'agent'] } });
    await say(LOOK);
    expect(seen[1]).to.deep.equal({ labels: ['member', 'web', 'agent'] });
  });

  it('go into facts and links, and come back with what recalls them', async () => {
    const { seen, say, stores } = stage();
    await say([calling('read_page'), calling('remember', { text: 'The door is red' }), { text: 'Noted.' }]);
    await say([calling('save_link', { url: 'https://kept.example/a' }), { text: 'Saved.' }]);
    await stores.conversations.forget(chat);
    await say([calling('recall'), calling('look'), { text: 'Red.' }]);
    expect(seen).to.deep.equal([{ labels: ['member', 'web', 'agent'], isPrivate: true }]);
    await stores.conversations.forget(chat);
    await say([calling('search_links'), calling('look'), { text: 'There.' }]);
    expect(seen[1]).to.deep.equal({ labels: ['member', 'web', 'agent'], isPrivate: true });
  });

  it('come with what a message replies to, also when the chat has forgotten it', async () => {
    const { world, seen, say, stores } = stage();
    await say([calling('read_page'), { text: 'The page says so.' }]);
    const [sent] = await stores.outbox.due(world.clock.now(), 1);
    await stores.outbox.markSent(sent?.id ?? (0 as never), telegramMessage(77), world.clock.now());
    await stores.conversations.forget(chat);
    await say(LOOK, { replyTo: telegramMessage(77) });
    expect(seen).to.deep.equal([{ labels: ['member', 'web'] }]);
  });

  it('are a guest for forwarded words, for guests, and for what other bots say in the hearing of the agent', async () => {
    const policy = buildPolicy();
    const guest = telegramUser(777);
    const roles = new Map([[guest, { role: 'guest' as const, path: 'roles' }]]);
    const { seen, say, process } = stage({ ...policy, workspaces: policy.workspaces.map((one) => ({ ...one, roles })) });
    const inGroup = { chatId: GROUP, chatKind: 'group' as const, addressedTo: 'us' as const };
    await say(LOOK, { forwarded: true });
    await say(LOOK, inGroup);
    const listener = process([]);
    const bot = { id: telegramUser(888), kind: 'bot' as const, displayName: 'Robot' };
    await listener.receive(
      buildMessage({ ...inGroup, messageId: telegramMessage(50), sender: bot, text: 'Buy now', addressedTo: 'other' }),
    );
    await say(LOOK, inGroup);
    await say(LOOK, { ...inGroup, sender: { id: guest, kind: 'person', displayName: 'Gus' } });
    expect(seen.map((one) => one?.labels)).to.deep.equal([
      ['guest'],
      ['member'],
      ['member', 'guest', 'agent'],
      ['member', 'guest', 'agent'],
    ]);
  });

  it('are known from the names of tools, and else unknown, where a conversation was stored before there were labels', async () => {
    const { seen, say, stores } = stage();
    const step = { role: 'tool', callId: 'c1', tool: 'query_notion', output: '1. Buy', isError: false } as const;
    await stores.conversations.append([
      { chatId: chat, at: 1, step: { role: 'person', name: 'Ada', text: 'What is open?' } },
      { chatId: chat, at: 1, step: { role: 'agent', text: '', toolCalls: [{ id: 'c1', tool: 'query_notion', input: {} }] } },
      { chatId: chat, at: 1, step },
      { chatId: chat, at: 1, step: { role: 'agent', text: 'Buy.', toolCalls: [] } },
    ]);
    await say(LOOK);
    expect(seen).to.deep.equal([{ labels: ['member', 'notion', 'agent', 'unknown'], isPrivate: true }]);
  });

  it('are those of the people who wrote, where a conversation of before labels has only their words', async () => {
    const { seen, say, stores } = stage();
    await stores.conversations.append([{ chatId: chat, at: 1, step: { role: 'person', name: 'Ada', text: 'What is open?' } }]);
    await say(LOOK);
    expect(seen).to.deep.equal([{ labels: ['member'] }]);
  });

  it('stay with a summary, once what it covers is not shown any more', async () => {
    const { world, seen, say, stores } = stage();
    await say([calling('read_page'), { text: 'The page says so.' }]);
    for (let n = 0; n < 9; n++) await say([{ text: `answer ${n}` }]);
    const room = { maxSteps: 20, maxTokens: 10_000 };
    const summaries = makeProcess(world, { summaryModel: makeScriptedModel([{ text: 'They looked at a page.' }]) }).summaries;
    summaries?.look(chat, room);
    for (let n = 0; n < 20; n++) await settle();
    const summary = await stores.summaries.get(chat);
    expect(summary?.provenance).to.deep.equal({ labels: ['member', 'web', 'agent'] });
    expect((await stores.conversations.after(chat, summary?.upTo ?? 0, 50)).every(({ entry }) => entry.step.role !== 'tool')).to.equal(
      true,
    );
    await say(LOOK);
    expect(seen).to.deep.equal([{ labels: ['member', 'web', 'agent'] }]);
  });

  it('go from a schedule into each promise that it makes', async () => {
    const { world, stores, process } = stage();
    const one = process([]);
    const provenance = { labels: ['member', 'web', 'agent'] } as const;
    await stores.schedules.add([buildSchedule({ provenance }, world.clock.now() + 1)]);
    one.ticks.start();
    await world.clock.advance(60_000);
    await settle();
    const [made] = await stores.promises.find({ chatId: chat, limit: 1 });
    expect(made?.provenance).to.deep.equal(provenance);
  });

  it('go into the failure of a promise, too: its words are a model’s', async () => {
    const { world, stores, say, process } = stage();
    await say([promising('Look at it'), { text: 'It is promised as #1.' }]);
    const worker = process([calling('read_page'), calling('report_failure', { reason: 'The page says: give up' })]);
    worker.worker.start();
    await settle();
    await world.clock.advance(1_000);
    await settle();
    const failed = await stores.promises.get(promiseId(1));
    expect(failed?.status).to.equal('failed');
    expect(failed?.provenance).to.deep.equal({ labels: ['member', 'web', 'agent'] });
    const told = (await stores.conversations.recent(chat, 1))[0]?.step;
    expect(told?.provenance).to.deep.equal({ labels: ['member', 'web', 'agent'] });
  });

  it('go from the result of a promise into those that depend on it', async () => {
    const { world, stores, seen, process } = stage();
    const parent = buildPromise({ id: promiseId(1), provenance: { labels: ['member', 'notion', 'agent'] } });
    await stores.promises.add([
      parent,
      buildPromise({ id: promiseId(2), dependsOn: [promiseId(1)], provenance: { labels: ['operator'] } }),
    ]);
    const worker = process([{ text: 'Found.' }, calling('look'), { text: 'Done.' }]);
    worker.worker.start();
    for (let n = 0; n < 5; n++) {
      await settle();
      await world.clock.advance(1_000);
    }
    expect((await stores.promises.get(promiseId(2)))?.status).to.equal('completed');
    expect(seen).to.deep.equal([{ labels: ['operator', 'member', 'notion', 'agent'] }]);
    expect((await stores.promises.get(promiseId(2)))?.provenance).to.deep.equal({ labels: ['operator', 'member', 'notion', 'agent'] });
  });
});
