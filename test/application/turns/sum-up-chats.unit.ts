import { expect } from 'chai';
import type { ConversationStep } from '../../../src/domain/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import { makeScriptedModel, type ScriptedStep, telegramMessage } from '../../../src/testing/index.ts';
import { makeWorld, SECRET, settle } from '../support/harness.ts';
import { ask, chat, running, stage } from '../support/turn-harness.ts';

const USAGE = { inputTokens: 100, outputTokens: 10, cacheReadTokens: 0, cacheWriteTokens: 0 };
const textOf = (step: ConversationStep): string => (step.role === 'tool' ? step.output : step.text);

/** A chat that is asked `turns` questions, one after the other. */
const chatOf = async (turns: number, summaries: readonly ScriptedStep[], world = makeWorld()) => {
  const summaryModel = makeScriptedModel(summaries);
  const answers = Array.from({ length: turns }, (_, n): ScriptedStep => ({ text: `answer ${n + 1}` }));
  const staged = await stage(answers, [], { summaryModel, world });
  const go = async (from: number, to: number) => {
    for (let n = from; n <= to; n++) {
      await staged.process.receive(ask(n));
      await staged.process.answerChat(chat, running);
      await settle();
    }
  };
  return { ...staged, summaryModel, go };
};

describe('a long conversation', () => {
  it('is summed up before its room is full, and models are shown the summary and what came after it', async () => {
    const { go, model, stores, summaryModel } = await chatOf(12, [{ text: `Ada asks questions. ${SECRET}`, usage: USAGE }]);
    await go(1, 12);
    expect(summaryModel.requests).to.have.length(1);
    const given = summaryModel.requests[0]?.conversation.map(textOf).join('') ?? '';
    expect(given).to.include('> Ada: question 1\n').and.to.include('> Assistant: answer 1\n');
    const summary = await stores.summaries.get(chat);
    expect(summary?.text).to.equal('Ada asks questions. [redacted]');
    const shown = model.requests.at(-1)?.conversation.map(textOf) ?? [];
    expect(shown[0]).to.match(/^\(Note: what was said here before.+\n {2}> Ada asks questions\. \[redacted\]$/);
    expect(shown.filter((text) => text === 'question 1')).to.deep.equal([]);
    expect(shown).to.include('question 11').and.to.include('question 12');
    expect((await stores.turns.usage(chat, 0)).attempts).to.equal(1);
  });

  it('begins with the same words for many turns after it was summed up', async () => {
    const { go, model } = await chatOf(14, [{ text: 'In short.', usage: USAGE }]);
    await go(1, 14);
    const [before, after] = model.requests.slice(-2).map(({ conversation }) => conversation.slice(0, -1).map(textOf));
    expect(before?.[0]).to.include('In short.');
    // The clock stands behind all else: what stands before it only grows.
    expect(after?.slice(0, before?.length)).to.deep.equal(before);
  });

  it('goes on without a summary where its model fails, and leaves it alone for a while', async () => {
    const error = new PortError('unavailable', `down, says ${SECRET}`, { retryable: true });
    const { go, process, pending, stores, summaryModel } = await chatOf(12, [{ error }]);
    await go(1, 12);
    expect(summaryModel.requests).to.have.length(1);
    expect(await stores.summaries.get(chat)).to.equal(undefined);
    expect(await pending()).to.have.length(12);
    const failed = process.recorded.events.filter(({ type }) => type === 'conversation-not-summed-up');
    expect(failed).to.have.length(1);
    expect(JSON.stringify(failed)).not.to.include(SECRET);
  });

  it('stores no summary of a message that is deleted while it is written', async () => {
    const { go, process, stores, summaryModel } = await chatOf(10, [{ text: 'In short.', usage: USAGE }]);
    const { respond } = summaryModel;
    summaryModel.respond = async (...asked) => {
      await process.erase({ chat, messageIds: [telegramMessage(1)] });
      return respond(...asked);
    };
    await go(1, 10);
    expect(summaryModel.requests).to.have.length(1);
    expect(await stores.summaries.get(chat)).to.equal(undefined);
    expect((await stores.turns.usage(chat, 0)).attempts).to.equal(1);
    expect(process.recorded.of('conversation-not-summed-up')).to.have.length(1);
  });

  it('counts what a summary used once, though the storage said that it was not stored', async () => {
    const world = makeWorld();
    const { unitOfWork, stores } = world.storage;
    let lost = 0;
    const run = async <T>(work: Parameters<typeof unitOfWork.run<T>>[0]): Promise<T> => {
      const value = await unitOfWork.run(work);
      if (lost > 0 || (await stores.summaries.get(chat)) === undefined) return value;
      lost++;
      throw new PortError('unavailable', 'the answer was lost', { retryable: true });
    };
    const { go } = await chatOf(10, [{ text: 'In short.', usage: USAGE }], {
      ...world,
      storage: { ...world.storage, unitOfWork: { run } },
    });
    await go(1, 10);
    const { attempts, inputTokens } = await stores.turns.usage(chat, 0);
    expect([lost, attempts, inputTokens]).to.deep.equal([1, 1, USAGE.inputTokens]);
  });

  it('has less room where the model counts more tokens than the rough count', async () => {
    const dense: ScriptedStep = { text: 'x', usage: { ...USAGE, inputTokens: 10_000_000 } };
    const long = 'y'.repeat(4_000);
    const { model, process } = await stage([dense, dense, dense, dense], [], {});
    for (const n of [1, 2, 3, 4]) {
      await process.receive(ask(n, `${long} ${n}`));
      await process.answerChat(chat, running);
    }
    // 10,000 tokens, of which four stand for each one that is estimated: two of these texts fit, and no third.
    const last =
      model.requests
        .at(-1)
        ?.conversation.map(textOf)
        .filter((text) => text.includes(long)) ?? [];
    expect(last.map((text) => text.slice(-1))).to.deep.equal(['3', '4']);
  });
});
