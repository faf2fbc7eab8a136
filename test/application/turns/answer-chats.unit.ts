import { expect } from 'chai';
import type { ConversationStep } from '../../../src/domain/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import { buildMessage, buildPolicy, makeScriptedModel, telegramChat, telegramMessage, telegramUser } from '../../../src/testing/index.ts';
import { withoutNotes } from '../../support/without-notes.ts';
import { makeGate } from '../support/gate.ts';
import { advance, makeProcess, makeWorld, settle } from '../support/harness.ts';

const people = [501, 502, 503, 504, 505];
const entry = { description: '', path: '' };
const policy = buildPolicy({
  whitelist: { userIds: new Map(people.map((id) => [telegramUser(id), entry])), usernames: new Map(), defaultDirectory: '/srv' },
});
const from = (person: number, n: number, text = `${person}/${n}`) =>
  buildMessage({ chatId: telegramChat(person), messageId: telegramMessage(n), sender: { id: telegramUser(person), kind: 'person' }, text });

/** A model that holds every request until it is let go, and answers with what it was asked last. */
const stage = (options: { readonly maxChats?: number } = {}) => {
  const world = makeWorld();
  const gate = makeGate<string>();
  const model = {
    name: 'held/held-1',
    respond: async ({ conversation }: { conversation: readonly ConversationStep[] }, { signal }: { signal: AbortSignal }) => {
      const last = withoutNotes(conversation).at(-1);
      const asked = last?.role === 'person' ? last.text : '';
      await gate.hold(asked, signal);
      const usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
      return { text: `re ${asked}`, toolCalls: [], stop: 'end' as const, usage, model: 'held-1' };
    },
  };
  const process = makeProcess(world, { model, policy, ...options });
  return { world, gate, process };
};

describe('answering chats', () => {
  it('rule 7: answers chats side by side, with one turn at a time in each, however often it is woken', async () => {
    const { world, gate, process } = stage();
    for (const message of [from(501, 1), from(502, 1)]) await process.receive(message);
    process.answerer.start();
    await settle();
    expect(gate.held).to.have.members(['501/1', '502/1']);
    for (let i = 0; i < 20; i++) {
      world.changes.changed();
      await settle();
    }
    expect(gate.held).to.have.length(2);
    gate.release('502/1');
    await settle();
    expect(await world.storage.stores.messages.stats()).to.include({ answered: 1, open: 1 });
  });

  it('rule 7: gathers messages that arrive during a turn into the next one', async () => {
    const { world, gate, process } = stage();
    process.answerer.start();
    await process.receive(from(501, 1));
    await settle();
    for (const n of [2, 3, 4]) await process.receive(from(501, n));
    await settle();
    expect(gate.held).to.deep.equal(['501/1']);
    gate.release('501/1');
    await settle();
    expect(gate.held).to.deep.equal(['501/4']);
    gate.release('501/4');
    await settle();
    const replies = await world.storage.stores.outbox.answering(telegramChat(501), telegramMessage(3));
    expect(replies.map(({ answers }) => answers)).to.deep.equal([[2, 3, 4].map(telegramMessage)]);
  });

  it('answers no more chats side by side than allowed, the longest waiting first', async () => {
    const { gate, process, world } = stage({ maxChats: 2 });
    for (const person of people) {
      await process.receive(from(person, 1));
      world.clock.advance(1);
    }
    process.answerer.start();
    await settle();
    expect(gate.held).to.deep.equal(['501/1', '502/1']);
    gate.release('502/1');
    await settle();
    expect(gate.held).to.deep.equal(['501/1', '503/1']);
  });

  it("retries a turn that can't be committed after 1 s, 2 s and 4 s, while other chats go on", async () => {
    const world = makeWorld();
    const model = makeScriptedModel(Array.from({ length: 20 }, () => ({ text: 'a' })));
    let failures = 3;
    const process = makeProcess(world, {
      model,
      policy,
      onUnitCall: (call) => {
        if (call === 'turns.add' && failures-- > 0) throw new PortError('unavailable', 'disk full', { retryable: true });
      },
    });
    await process.receive(from(501, 1));
    process.answerer.start();
    await settle();
    expect(model.requests).to.have.length(1);
    await advance(world, 999, 100);
    expect(model.requests).to.have.length(1);
    await advance(world, 1);
    expect(model.requests).to.have.length(2);
    await advance(world, 1_999, 100);
    expect(model.requests).to.have.length(2);
    await advance(world, 1);
    expect(model.requests).to.have.length(3);
    await process.receive(from(502, 1));
    await settle();
    expect(await world.storage.stores.messages.stats()).to.include({ answered: 1, open: 1 });
    await advance(world, 4_000, 500);
    expect(await world.storage.stores.messages.stats()).to.include({ answered: 2, open: 0 });
    const replies = await world.storage.stores.outbox.answering(telegramChat(501), telegramMessage(1));
    expect(replies).to.have.length(1);
  });

  it('lets running turns end when it stops, begins no other, and aborts them after the grace period', async () => {
    const { world, gate, process } = stage();
    for (const person of [501, 502]) await process.receive(from(person, 1));
    process.answerer.start();
    await settle();
    let stopped = false;
    const stopping = process.answerer.stop(10_000).then(() => {
      stopped = true;
    });
    await process.receive(from(503, 1));
    gate.release('501/1');
    await advance(world, 9_999, 1_000);
    expect(stopped).to.equal(false);
    await advance(world, 1);
    await stopping;
    expect(await world.storage.stores.messages.stats()).to.include({ answered: 1, open: 2 });
    expect(world.clock.timers).to.equal(0);
    expect(process.logger.lines.filter(({ level }) => level === 'error')).to.deep.equal([]);
  });
});
