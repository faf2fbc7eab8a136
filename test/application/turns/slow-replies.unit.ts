import { expect } from 'chai';
import { CHAT_AGENT } from '../../../src/application/index.ts';
import { promiseId, scheduleId } from '../../../src/domain/index.ts';
import type { Tool, ToolContext } from '../../../src/ports/index.ts';
import { buildMessage, telegramMessage } from '../../../src/testing/index.ts';
import { makeProcess, makeWorld, settle } from '../support/harness.ts';
import { ask, cancelling, chat, promising, running, stage } from '../support/turn-harness.ts';

describe('A reply that takes too long', () => {
  it('makes a promise of the whole question in the same commit if a reply takes too long', async () => {
    const { process, world, model, stores, pending, verdict } = await stage([{ hang: true }], [ask(1), ask(2)]);
    const turn = process.answerChat(chat, running);
    await model.untilAsked(1);
    world.clock.advance(29_999);
    await settle();
    expect(await verdict(1)).to.equal(undefined);
    world.clock.advance(1);
    await turn;
    expect(await stores.promises.get(promiseId(1))).to.include({
      description: 'question 1\n\nquestion 2',
      messageId: telegramMessage(2),
      status: 'pending',
    });
    const [reply, ...more] = await pending();
    expect(more).to.deep.equal([]);
    expect(reply).to.deep.include({ answers: [telegramMessage(1), telegramMessage(2)] });
    expect(reply?.text).to.equal(
      'This takes longer than 30 s, so it goes on in the background as promise #1. The result comes to this chat.',
    );
    expect(world.clock.timers).to.equal(0);
  });

  it('says how much of a question continues as a promise if it is longer than a promise may be', async () => {
    const { process, world, model, stores, pending } = await stage([{ hang: true }], [ask(1, `${'x'.repeat(9_999)}😀 and more`)]);
    const turn = process.answerChat(chat, running);
    await model.untilAsked(1);
    world.clock.advance(30_000);
    await turn;
    expect(await stores.promises.get(promiseId(1))).to.include({ description: 'x'.repeat(9_999) });
    expect((await pending())[0]?.text).to.match(/to this chat\. It has the first 10000 characters of what was asked\.$/);
  });

  it('makes as many promises as a turn may if the model never stops calling make_promise, and names them all', async () => {
    const calls = promising(...Array.from({ length: 10_000 }, (_, i) => `task ${i}`));
    const { process, stores, pending } = await stage([calls, { text: 'All is promised.' }]);
    await process.answerChat(chat, running);
    expect(await stores.promises.find({ limit: 1_000 })).to.have.length(50);
    expect((await pending())[0]?.text).to.equal('All is promised.\n\n(Made: promises #1 to #50.)');
    const kept = await stores.conversations.recent(chat, 1);
    expect(kept[0]?.step).to.deep.equal({
      role: 'agent',
      text: 'All is promised.\n\n(Made: promises #1 to #50.)',
      toolCalls: [],
      provenance: { labels: ['member', 'agent'] },
    });
  });

  for (const [what, calls, told] of [
    [
      'schedules',
      ['schedule', 'schedule', 'schedule'],
      /^I had no more than 30 s for this\. Schedules #1 to #3 are made; please ask again for the rest\.$/,
    ],
    [
      'a schedule that it has ended again is none',
      ['schedule', 'schedule', 'end'],
      /^I had no more than 30 s for this\. Schedule #2 is made; please ask again for the rest\.$/,
    ],
    [
      'a schedule, a promise, and the end of another',
      ['schedule', 'promise', 'cancel'],
      /as promise #2\. The result comes to this chat\.\n\n\(Made: schedule #1\. Cancelled: promise #1\.\)$/,
    ],
  ] as const)
    it(`a reply that takes too long tells everything that the turn decided: ${what}`, async () => {
      const world = makeWorld();
      const { make, draftSchedule, draftScheduleEnd, draftCancellation, draftPromise } = makeProcess(world);
      await make({ description: 'before' }, { chatId: chat, chatKind: 'direct' as const, requestedBy: { id: buildMessage().sender.id } });
      const decide = {
        schedule: (context: ToolContext) => draftSchedule({ description: 'count', cron: '@daily' }, context),
        promise: (context: ToolContext) => draftPromise({ description: 'look' }, context),
        cancel: (context: ToolContext) => draftCancellation(promiseId(1), context),
        end: (context: ToolContext) => draftScheduleEnd(scheduleId(1), context),
      };
      const tools = Object.entries(decide).map(
        ([name, run]): Tool => ({
          name,
          description: '',
          inputSchema: {},
          effect: 'decides',
          activity: 'deciding',
          timeoutMs: 30_000,
          run: async (_, context) => ({ output: 'ok', isError: !(await run(context)).ok }),
        }),
      );
      const script = [{ toolCalls: calls.map((tool, i) => ({ id: `c${i}`, tool, input: {} })) }, { hang: true } as const];
      const agent = { ...CHAT_AGENT, tools: Object.keys(decide) };
      const { process, model, pending } = await stage(script, [ask(1)], { world, tools, agent });
      const turn = process.answerChat(chat, running);
      await model.untilAsked(2);
      world.clock.advance(30_000);
      await turn;
      expect((await pending())[0]?.text).to.match(told);
    });

  it('says that nothing was changed if a reply takes too long in a chat with too many open promises', async () => {
    const { process, world, model, stores, pending } = await stage([{ hang: true }]);
    const origin = { chatId: chat, chatKind: 'direct' as const, requestedBy: { id: buildMessage().sender.id } };
    for (let n = 0; n < 200; n++) await process.make({ description: 'x' }, origin);
    const turn = process.answerChat(chat, running);
    await model.untilAsked(1);
    world.clock.advance(30_000);
    await turn;
    expect((await pending())[0]?.text).to.match(
      /within 30 s, and it can't go on.*200 promises of this chat.*\/cancel.*\nNothing was changed\.$/,
    );
    expect(await stores.promises.countOpen(chat)).to.equal(200);
  });

  it('keeps promises made before the reply took too long, and names only those not cancelled', async () => {
    const { process, world, model, stores, pending } = await stage([promising('Compare', 'Count'), cancelling(1), { hang: true }]);
    const turn = process.answerChat(chat, running);
    await model.untilAsked(3);
    world.clock.advance(30_000);
    await turn;
    expect((await stores.promises.find({ limit: 10 })).map(({ status }) => status)).to.deep.equal(['cancelled', 'pending']);
    expect((await pending())[0]?.text).to.match(/as promise #2\. /);
  });
});
