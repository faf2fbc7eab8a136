import { expect } from 'chai';
import type { LanguageModel } from '../../../src/ports/index.ts';
import { buildMessage, makeScriptedModel, type ScriptedStep } from '../../../src/testing/index.ts';
import { chat, failure, looking, running, stage, tokens } from '../support/failing-model-harness.ts';
import { advance, settle } from '../support/harness.ts';

describe('What a chat has used', () => {
  it('counts every model call of a chat: failed, retried, timed out, stopped, and those of promises', async () => {
    const usage = tokens(100);
    const script: ScriptedStep[] = [
      { error: failure('unavailable', { usage }) },
      { ...looking, usage },
      { text: 'Done.', usage },
      { text: 'No.', stop: 'refusal', usage },
    ];
    const { say, used } = stage(makeScriptedModel(script));
    await say('fails');
    expect(await used()).to.deep.include({ inputTokens: 100, turns: 1 });
    await say('looks');
    expect(await used()).to.deep.include({ inputTokens: 300, turns: 2 });
    await say('is declined');
    expect(await used()).to.deep.include({ inputTokens: 400, turns: 3 });
  });

  it('counts what a turn used that was stopped, whose process stopped, or that took too long', async () => {
    const cut = (asking: Parameters<LanguageModel['respond']>[1]): Promise<never> =>
      new Promise((_, reject) => {
        asking.signal.addEventListener('abort', () => reject(failure('aborted', { usage: tokens(70) })));
      });
    const { process, receive, replyTo, used, world } = stage({ name: 'x/slow', respond: (_, asking) => cut(asking) });
    await receive('is stopped');
    const stopped = process.answerChat(chat, running);
    await settle();
    await receive('/stop');
    await stopped;
    await process.answerChat(chat, running);
    expect(await used()).to.deep.include({ inputTokens: 70, attempts: 1 });

    const id = await receive('goes on');
    const ending = new AbortController();
    const ended = process.answerChat(chat, ending.signal).catch((error: unknown) => error);
    await settle();
    ending.abort();
    expect(await ended).to.include({ code: 'aborted' });
    expect(await used()).to.deep.include({ inputTokens: 140, attempts: 2 });

    const late = process.answerChat(chat, running);
    await settle();
    world.clock.advance(30_000);
    await late;
    expect(await replyTo(id)).to.include('promise #1');
    expect(await used()).to.deep.include({ inputTokens: 210, attempts: 2 });
  });

  it('counts what each attempt at a promise used', async () => {
    const usage = tokens(100);
    const model = makeScriptedModel([
      { ...looking, usage },
      { error: failure('unavailable', { retryable: true, usage }) },
      { text: 'It is 42.', usage },
    ]);
    const { process, world, promise, used } = stage(model);
    await process.make({ description: 'look' }, { chatId: chat, chatKind: 'direct', requestedBy: { id: buildMessage().sender.id } });
    process.worker.start();
    await advance(world, 120_000);
    expect(await promise()).to.include({ status: 'completed', result: 'It is 42.' });
    expect(await used()).to.deep.include({ inputTokens: 300, turns: 0, attempts: 2 });
    await process.worker.stop(0);
  });
});
