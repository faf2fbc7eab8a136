import { strict as assert } from 'node:assert';
import { type ConversationEntry, makePromise, type Provenance, promiseId, type RunStep, runId } from '../domain/index.ts';
import type { Storage } from '../ports/index.ts';
import { buildEntry, buildFact, buildLink, buildOutboxDraft, buildPromise, buildSchedule, carryOut, START } from './builders.ts';
import type { Contract } from './contract.ts';
import { telegramChat, telegramMessage, telegramUser } from './ids.ts';
import { complete, fail, start } from './promise-states.ts';

const chat = telegramChat(501);
const FROM: Provenance = { labels: ['member', 'web', 'mcp:“tracker”', 'agent'], isPrivate: true };
const LATER: Provenance = { labels: ['notion'] };
const BOTH: Provenance = { labels: ['member', 'web', 'notion', 'mcp:“tracker”', 'agent'], isPrivate: true };

/** What every store must do with where words come from. */
export const provenanceContract: Contract<Storage> = {
  'keeps it with the steps of a conversation, and with what they quote': async ({ stores: { conversations } }) => {
    const replied = { messageId: telegramMessage(7), text: 'Buy it', provenance: { labels: ['guest'] } } as const;
    const steps: readonly ConversationEntry['step'][] = [
      { role: 'person', name: 'Ada', text: 'Is it?', messageId: telegramMessage(8), replied, provenance: { labels: ['member'] } },
      { role: 'agent', text: 'It is.', toolCalls: [], provenance: FROM },
      { role: 'tool', callId: 'c1', tool: 'recall', output: '', isError: false, provenance: { labels: [], isPrivate: true } },
      { role: 'agent', text: 'Nobody knows.', toolCalls: [] },
    ];
    await conversations.append(steps.map((step) => buildEntry('', { step })));
    assert.deepEqual(
      (await conversations.recent(chat, 10)).map(({ step }) => step),
      steps,
    );
    await conversations.revise(chat, telegramMessage(8), 'Is it so?');
    await conversations.erase(chat, [telegramMessage(7)]);
    const [revised] = await conversations.recent(chat, 10);
    assert.deepEqual(revised?.step.provenance, { labels: ['member'] });
  },

  'keeps it with a summary, and replaces it with that': async ({ stores: { summaries } }) => {
    const first = { chatId: chat, text: 'First', upTo: 1, at: START, model: 'm', provenance: FROM };
    assert.equal(await summaries.put(first, undefined), true);
    assert.deepEqual(await summaries.get(chat), first);
    const { provenance: _, ...second } = { ...first, upTo: 2 };
    assert.equal(await summaries.put(second, first), true);
    assert.deepEqual(await summaries.get(chat), second);
  },

  'keeps it with messages to send': async ({ stores: { outbox } }) => {
    await outbox.add(buildOutboxDraft({ provenance: FROM }));
    assert.deepEqual((await outbox.named('turn:t1'))?.provenance, FROM);
  },

  'keeps it with schedules, facts and links, with a new note, too': async ({ stores: { schedules, facts, links } }) => {
    const schedule = buildSchedule({ provenance: FROM });
    await schedules.add([schedule]);
    assert.deepEqual(await schedules.get(schedule.id), schedule);
    const fact = buildFact({ provenance: FROM });
    await facts.add([fact]);
    assert.deepEqual(await facts.find({ personId: telegramUser(501) }, 10), [fact]);
    const link = buildLink('https://kept.example/a', { note: 'Old', provenance: FROM });
    const { tenant } = link;
    await links.save([link]);
    await links.save([buildLink('https://kept.example/a', { provenance: LATER })]);
    assert.deepEqual(await links.find({ tenant, limit: 10 }), [link]);
    await links.save([{ ...link, note: 'New', provenance: LATER }]);
    assert.deepEqual((await links.find({ tenant, limit: 10 }))[0]?.provenance, BOTH);
  },

  'keeps it with promises, and adds what their attempts were shown': async ({ stores: { promises } }) => {
    const made = [1, 2].map((id) => buildPromise({ id: promiseId(id), provenance: FROM }));
    await promises.add(made);
    assert.deepEqual(await promises.getMany([1, 2].map(promiseId)), made);
    await carryOut(promises, promiseId(1), start, { ...complete, provenance: LATER });
    await carryOut(promises, promiseId(2), start, { ...fail, retryable: true, provenance: LATER });
    for (const { provenance } of await promises.getMany([1, 2].map(promiseId))) assert.deepEqual(provenance, BOTH);
  },

  'keeps what is made without it as it is': async ({ stores: { promises, facts } }) => {
    const { provenance: _, ...spec } = buildPromise();
    await promises.add([makePromise(spec)]);
    assert.equal('provenance' in ((await promises.get(promiseId(1))) ?? {}), false);
    await facts.add([buildFact()]);
    assert.equal('provenance' in ((await facts.find({ personId: telegramUser(501) }, 1))[0] ?? {}), false);
  },

  'keeps it with the results in a journal': async ({ stores: { journal } }) => {
    const step: RunStep = {
      kind: 'tool',
      at: START,
      durationMs: 1,
      call: 0,
      tool: 'recall',
      effect: 'reads',
      input: {},
      output: 'a fact',
      isError: false,
      outcome: 'done',
      provenance: FROM,
    };
    const run = { id: runId('r1'), chatId: chat, promiseId: promiseId(1), agent: 'valor_agent', startedAt: START, asked: [] };
    await journal.append({ run, writer: 'w1', from: 0, steps: [step] });
    assert.deepEqual((await journal.ofPromise(promiseId(1), 1))[0]?.steps, [step]);
  },
};
