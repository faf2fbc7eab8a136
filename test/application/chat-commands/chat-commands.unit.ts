import { expect } from 'chai';
import { commandIn, NO_USAGE, promiseId, scheduleId, turnId } from '../../../src/domain/index.ts';
import {
  buildEntry,
  buildMessage,
  buildPromise,
  buildSchedule,
  buildTurn,
  GROUP,
  makeScriptedModel,
  promiseAfter,
  START,
  telegramChat,
  telegramMessage,
  telegramUser,
} from '../../../src/testing/index.ts';
import { withoutNotes } from '../../support/without-notes.ts';
import { makeProcess, makeWorld, type ProcessOptions, quiet, until } from '../support/stage.ts';

const chat = telegramChat(501);
const running = new AbortController().signal;
const messages = (...numbers: number[]) => numbers.map(telegramMessage);
const write = (n: number, text: string) => buildMessage({ messageId: telegramMessage(n), text });

const stage = (script: Parameters<typeof makeScriptedModel>[0] = [], options: ProcessOptions = {}, world = makeWorld()) => {
  const model = makeScriptedModel(script);
  const process = makeProcess(world, { model, ...options });
  const { stores } = world.storage;
  /** What answers message `n`: each as its text and the messages that it answers. */
  const replies = async (n: number, where = chat) =>
    (await stores.outbox.answering(where, telegramMessage(n))).map(({ text, answers }) => [text, answers] as const);
  const say = async (n: number, text: string): Promise<string> => {
    await process.receive(write(n, text));
    await process.answerChat(chat, running);
    const [reply] = await replies(n);
    return reply?.[0] ?? '';
  };
  return { world, model, process, stores, replies, say };
};

describe('commands in the chat (rule 9)', () => {
  it('are answered without a model, each by itself, by a reply with the random id of its message', async () => {
    const { process, model, replies, stores } = stage();
    for (const [i, text] of ['Ping', 'ping n-1', '/ping n_2', '/status', '/start', '/help'].entries())
      await process.receive(write(i + 1, text));
    expect(await process.answerChat(chat, running)).to.equal(true);
    expect(await replies(1)).to.deep.equal([['pong: ok; up 1 s', messages(1)]]);
    expect(await replies(2)).to.deep.equal([['pong n-1: ok; up 1 s', messages(2)]]);
    expect(await replies(3)).to.deep.equal([['pong n_2: ok; up 1 s', messages(3)]]);
    expect(await replies(4)).to.deep.equal([['Kept is ok; up 1 s', messages(4)]]);
    expect((await replies(5))[0]?.[0]).to.match(/^I am Kept/);
    expect((await replies(6))[0]?.[0])
      .to.include('/promises')
      .and.include('/whoami');
    expect(model.requests).to.deep.equal([]);
    const record = await stores.messages.get(chat, telegramMessage(4));
    expect(record?.verdict).to.have.property('kind', 'answered');
    expect((await stores.outbox.answering(chat, telegramMessage(4)))[0]?.deliveryKey).to.equal(record?.replyKey);
    expect(await stores.conversations.recent(chat, 10)).to.deep.equal([]);
    expect(await process.answerChat(chat, running)).to.equal(false);
  });

  it('among questions: all are answered in order, and the questions go to the model without them', async () => {
    const { process, model, replies, world } = stage([{ text: 'One.' }, { text: 'Two.' }]);
    for (const [i, text] of ['question 1', '/ping', 'question 2', 'question 3', '/whoami'].entries())
      await process.receive(write(i + 1, text));
    while (await process.answerChat(chat, running));
    expect(await replies(1)).to.deep.equal([['One.', messages(1)]]);
    expect(await replies(2)).to.deep.equal([['pong: ok; up 1 s', messages(2)]]);
    for (const n of [3, 4]) expect(await replies(n)).to.deep.equal([['Two.', messages(3, 4)]]);
    expect(await replies(5)).to.have.length(1);
    expect(model.requests).to.have.length(2);
    const sent = await Promise.all([1, 2, 3, 5].map((n) => world.storage.stores.outbox.answering(chat, telegramMessage(n))));
    const order = sent.map(([item]) => item?.id ?? 0);
    expect(order).to.deep.equal(order.toSorted((a, b) => a - b));
  });

  it('rule 7: /new does not overtake what was said before it, and so forgets it', async () => {
    const { process, model } = stage([{ text: 'Noted.' }, { text: 'No idea.' }]);
    for (const [i, text] of ['my secret is xylophone', '/new', 'what is my secret?'].entries()) await process.receive(write(i + 1, text));
    while (await process.answerChat(chat, running));
    expect(withoutNotes(model.requests[1]?.conversation).map((step) => 'text' in step && step.text)).to.deep.equal(['what is my secret?']);
  });

  it('one that is unknown is answered without a model, and names the nearest one', async () => {
    const { model, say, stores } = stage();
    for (const [i, [text, answer]] of [
      ['/nope', 'No such command: /nope. /help lists them.'],
      ['/Nope 3', 'No such command: /Nope. /help lists them.'],
      ['/cancle 3', 'No such command: /cancle. Do you mean /cancel 3? /help lists them.'],
      ['/cancel3', 'No such command: /cancel3. Do you mean /cancel 3? /help lists them.'],
      ['/promise', 'No such command: /promise. Do you mean /promises? /help lists them.'],
      ['/helo', 'No such command: /helo. Do you mean /help? /help lists them.'],
      ['/hlep', 'No such command: /hlep. Do you mean /help? /help lists them.'],
      ['/cansel 3', 'No such command: /cansel. Do you mean /cancel 3? /help lists them.'],
      ['/help@other_bot', 'No such command: /help@other_bot. Do you mean /help? /help lists them.'],
      ['/', 'Which command? /help lists them.'],
      ['/hi', 'No such command: /hi. /help lists them.'],
    ].entries())
      expect(await say(i + 1, text ?? '')).to.equal(answer);
    expect(model.requests).to.deep.equal([]);
    expect(await stores.conversations.recent(chat, 10)).to.deep.equal([]);
  });

  it('paths, and words behind a slash, are questions', async () => {
    const texts = ['/cook rice', '/etc/hosts please read', '/etc/hosts', '//'];
    const { model, say } = stage(texts.map((text) => ({ text: `To ${text}` })));
    for (const [i, text] of texts.entries()) expect(await say(i + 1, text)).to.equal(`To ${text}`);
    expect(model.requests).to.have.length(texts.length);
  });

  it('in a group, an unknown one is answered only where it is addressed to us: it may be another bot’s', () => {
    const group = { text: '/nope', chat: { id: GROUP, kind: 'group' } } as const;
    expect(commandIn(group)).to.equal(undefined);
    expect(commandIn({ ...group, addressedTo: 'other' })).to.equal(undefined);
    expect(commandIn({ ...group, addressedTo: 'us' })).to.deep.equal({ name: 'unknown', argument: '/nope' });
    expect(commandIn({ ...group, text: '/status' })).to.deep.equal({ name: 'status', argument: '' });
  });

  it('/new: the model sees nothing of what was said before, and nothing is deleted', async () => {
    const { model, say, stores, world } = stage([{ text: 'A.' }, { text: 'B.' }]);
    await stores.conversations.append([buildEntry('it rains', { chatId: GROUP })]);
    await say(1, 'first');
    expect(await say(2, '/new')).to.match(/^A new conversation/);
    await say(3, 'second');
    expect(withoutNotes(model.requests[1]?.conversation).map((step) => 'text' in step && step.text)).to.deep.equal(['second']);
    expect(await stores.conversations.recent(GROUP, 10)).to.have.length(1);
    expect(await world.storage.stores.turns.usage(chat, 0)).to.include({ turns: 3 });
  });

  it('/promises: those of this chat, newest first', async () => {
    const { say, stores } = stage();
    expect(await say(1, '/promises')).to.equal('There are no promises in this chat.');
    await stores.promises.add([
      buildPromise({ id: promiseId(1), description: 'Compare' }),
      buildPromise({ id: promiseId(2), description: `Count\n${'x'.repeat(200)}`, dependsOn: [promiseId(1)] }),
      buildPromise({ id: promiseId(3), chatId: GROUP, description: 'secret' }),
    ]);
    expect(await say(2, '/promises')).to.equal(`#2 waiting: Count ${'x'.repeat(73)}…\n#1 pending: Compare`);
  });

  it('/promises: when one starts and is to be done by, and what is to be done again and again', async () => {
    const { say, stores } = stage();
    const [notBefore, deadline] = [START + 3_600_000, START + 7_200_000];
    const running = promiseAfter(buildPromise({ id: promiseId(2), deadline }), { type: 'start', at: START, workerId: 'w', leaseMs: 1 });
    await stores.promises.add([buildPromise({ id: promiseId(1), notBefore, deadline, description: 'Compare' }), running]);
    await stores.schedules.add([
      buildSchedule({ id: scheduleId(1), description: 'Count' }, Date.parse('2026-11-23T08:00Z')),
      buildSchedule({ id: scheduleId(2), chatId: GROUP, description: 'secret' }),
    ]);
    expect(await say(1, '/promises')).to.equal(
      [
        '#2 in progress (by 2026-11-22 14:00): Compare the three timetables',
        '#1 pending (from 2026-11-22 13:00; by 2026-11-22 14:00): Compare',
        '',
        'Again and again:',
        'Schedule #1 (0 9 * * *, Europe/Berlin, next 2026-11-23 09:00): Count',
      ].join('\n'),
    );
  });

  it('/cancel schedule: one of this chat, once', async () => {
    const { say, stores } = stage();
    await stores.schedules.add([buildSchedule(), buildSchedule({ id: scheduleId(2), chatId: GROUP })]);
    expect(await say(1, '/cancel schedule #1')).to.equal('Schedule #1 was ended. Promises that it made stay as they are.');
    expect(await stores.schedules.get(scheduleId(1))).to.include({ status: 'ended' });
    expect(await say(2, '/cancel schedule 1')).to.equal('Not done: schedule #1 has ended already.');
    expect(await say(3, '/cancel schedule 2')).to.equal('There is no schedule #2 in this chat.');
    expect(await say(4, '/cancel schedule')).to.match(/^Which promise\?/);
  });

  it('/cancel and /retry: this chat’s promises, with their outcome told, and no other’s', async () => {
    const { world, say, stores } = stage();
    await stores.promises.add([buildPromise({ id: promiseId(1) }), buildPromise({ id: promiseId(2), chatId: GROUP })]);
    expect(await say(1, '/cancel #1')).to.equal('Promise #1 was cancelled.');
    expect((await stores.promises.get(promiseId(1)))?.status).to.equal('cancelled');
    expect((await stores.outbox.stats()).pending).to.equal(2);
    expect(await say(2, '/cancel 1')).to.match(/^Not done: promise #1 is already settled/);
    expect(await say(3, '/retry 1')).to.equal('Promise #1 will be tried again.');
    expect((await stores.promises.get(promiseId(1)))?.status).to.equal('pending');
    await world.storage.queue.claim({ workerId: 'w', now: world.clock.now(), leaseMs: 12_000, limit: 1 });
    expect(await say(4, '/cancel 1')).to.equal('Promise #1 was cancelled.');
    expect(await say(5, '/retry 1')).to.equal('Not done: the last run of promise #1 may not have ended yet; try again in 12 s.');
    for (const [i, text] of ['/cancel 2', '/retry 2', '/cancel 99'].entries())
      expect(await say(10 + i, text)).to.match(/^There is no promise #\d+ in this chat\.$/);
    expect((await stores.promises.get(promiseId(2)))?.status).to.equal('pending');
    for (const [i, text] of ['/cancel', '/cancel all', '/retry 0', '/retry 1.5'].entries())
      expect(await say(20 + i, text)).to.match(/^Which promise\? For example: \/(cancel|retry) 3\./);
  });

  it('a /cancel that can not be committed changes nothing, and is done when it can', async () => {
    let failures = 1;
    const { process, stores, replies } = stage([], {
      onUnitCall: (call) => {
        if (call === 'outbox.add' && failures-- > 0) throw new Error('disk full');
      },
    });
    await stores.promises.add([buildPromise({ id: promiseId(1) })]);
    await process.receive(write(1, '/cancel 1'));
    expect(await process.answerChat(chat, running).catch(() => 'failed')).to.equal('failed');
    expect((await stores.promises.get(promiseId(1)))?.status).to.equal('pending');
    await process.answerChat(chat, running);
    expect((await stores.promises.get(promiseId(1)))?.status).to.equal('cancelled');
    expect(await replies(1)).to.have.length(1);
  });

  it('/whoami: who, where, and by which rule', async () => {
    const { process, say, replies } = stage();
    expect(await say(1, '/whoami')).to.equal(
      'You: @ada, id telegram:501.\nChat: telegram:501, a direct conversation.\nAllowed by rule whitelisted-user-id, set at dm_whitelist.allowed_user_ids.501.',
    );
    const sender = { id: telegramUser(9), kind: 'person' } as const;
    await process.receive(buildMessage({ chatId: GROUP, chatKind: 'group', addressedTo: 'us', text: '/whoami', sender }));
    await process.answerChat(GROUP, running);
    expect((await replies(1, GROUP))[0]?.[0]).to.equal(
      `You: without a username, id telegram:9.\nChat: ${GROUP}, a group, workspace Railway.\nAllowed by rule workspace-group, set at workspaces.Railway.telegram_chat_ids.`,
    );
  });

  it('/usage: tokens of this chat, today and in all', async () => {
    const { say, stores } = stage();
    const usage = { inputTokens: 1_000, outputTokens: 20, cacheReadTokens: 0, cacheWriteTokens: 0 };
    const midnight = START - 12 * 3_600_000;
    await stores.turns.add(buildTurn({ id: turnId('a'), usage: { ...usage, cacheReadTokens: 500 }, endedAt: midnight - 1 }));
    await stores.turns.add(buildTurn({ id: turnId('b'), usage, endedAt: midnight }));
    await stores.turns.add(buildTurn({ id: turnId('c'), usage: { ...NO_USAGE, inputTokens: 7 }, chatId: GROUP }));
    expect(await say(1, '/usage')).to.equal(
      'Tokens used by the answers and promises of this chat:\nToday (UTC): 1,000 in, 20 out, 1 turn\nIn all: 2,500 in (500 of them from the cache), 40 out, 2 turns',
    );
  });

  it('/approve and /deny: nothing waits', async () => {
    const { say } = stage();
    for (const [i, text] of ['/approve 1', '/deny'].entries()) expect(await say(i + 1, text)).to.equal('Nothing waits for approval.');
  });
});

describe('/stop', () => {
  it('ends the running turn at once; what it stopped is answered so, once, by the message that its draft became', async () => {
    const { process, model, replies, world, stores } = stage([
      { toolCalls: [{ id: 'a', tool: 'make_promise', input: { description: 'x' } }] },
      { hang: true, deltas: ['It lea'] },
      { text: 'At 9:41.' },
    ]);
    process.start();
    await process.receive(write(1, 'question 1'));
    await model.untilAsked(2);
    await process.receive(write(2, 'question 2'));
    await process.receive(write(3, '/stop'));
    await process.receive(write(4, 'question 4'));
    await until(() => world.gateway.sent.length === 2);
    const stopped = 'Stopped, as you asked. Nothing was changed.';
    for (const n of [1, 2, 3]) expect(await replies(n)).to.deep.equal([[stopped, messages(1, 2, 3)]]);
    expect(await replies(4)).to.deep.equal([['At 9:41.', messages(4)]]);
    expect(world.gateway.sent[0]?.deliveryKey).to.equal(world.gateway.drafts[0]?.deliveryKey);
    expect(await stores.promises.find({ limit: 10 })).to.deep.equal([]);
    expect(process.logger.lines.filter(({ level }) => level === 'error' || level === 'warn')).to.deep.equal([]);
    expect(withoutNotes(model.requests[2]?.conversation).map((step) => 'text' in step && step.text)).to.deep.equal([
      ...['question 1', 'question 2', stopped, 'question 4'],
    ]);
    const verdict = (await stores.messages.get(chat, telegramMessage(1)))?.verdict;
    expect(verdict?.kind === 'answered' && (await stores.turns.get(verdict.turnId))?.outcome).to.equal('stopped');
  });

  it('stops no other chat', async () => {
    const { process, model, replies, world } = stage([{ hang: true }]);
    process.start();
    await process.receive(write(1, 'question'));
    await model.untilAsked(1);
    await process.receive(buildMessage({ chatId: GROUP, chatKind: 'group', addressedTo: 'us', text: '/stop' }));
    await until(() => world.gateway.sent.length === 1);
    expect(await replies(1, GROUP)).to.deep.equal([['Nothing is running in this chat.', messages(1)]]);
    expect(await replies(1)).to.deep.equal([]);
  });

  it('of somebody who is not let in, or was only overheard, stops nothing', async () => {
    const { process, model, replies, world } = stage([{ hang: true }]);
    process.start();
    await process.receive(buildMessage({ chatId: GROUP, chatKind: 'group', addressedTo: 'us' }));
    await model.untilAsked(1);
    await process.receive(buildMessage({ chatId: GROUP, chatKind: 'group', messageId: telegramMessage(2), text: '/stop' }));
    await quiet();
    expect(await replies(1, GROUP)).to.deep.equal([]);
    expect(world.gateway.sent).to.deep.equal([]);
  });

  it('that was stored before a crash still stops, after it', async () => {
    const { world, process, model } = stage([{ hang: true }]);
    process.start();
    await process.receive(write(1, 'question'));
    await model.untilAsked(1);
    process.life.end();
    const next = makeProcess(world);
    await next.receive(write(2, '/stop'));
    const third = makeProcess(world);
    third.start();
    await until(() => world.gateway.sent.length === 1);
    expect(world.gateway.sent[0]).to.deep.include({ text: 'Stopped, as you asked. Nothing was changed.', answers: messages(1, 2) });
  });

  it('that comes when the answer is made already stops nothing, and says so', async () => {
    const { process, say, replies } = stage([{ text: 'At 9:41.' }]);
    await process.receive(write(1, 'question'));
    await process.answerChat(chat, running);
    expect(await say(2, '/stop')).to.equal('Nothing is running in this chat.');
    expect(await replies(1)).to.deep.equal([['At 9:41.', messages(1)]]);
  });

  it('reaches a turn whose model does not end: the answer that comes after all is dropped', async () => {
    const gate = Promise.withResolvers<void>();
    const deaf = {
      name: 'deaf/deaf-1',
      respond: async () => {
        await gate.promise;
        return { text: 'too late', toolCalls: [], stop: 'end' as const, usage: NO_USAGE, model: 'deaf-1' };
      },
    };
    const { process, replies, world } = stage([], { model: deaf });
    process.start();
    await process.receive(write(1, 'question'));
    await quiet();
    await process.receive(write(2, '/stop'));
    await quiet();
    gate.resolve();
    await until(() => world.gateway.sent.length === 1);
    expect(await replies(1)).to.deep.equal([['Stopped, as you asked. Nothing was changed.', messages(1, 2)]]);
  });
});
