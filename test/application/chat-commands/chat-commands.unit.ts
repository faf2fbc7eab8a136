import { expect } from 'chai';
import { NO_USAGE, promiseId, scheduleId, turnId, wordQuery } from '../../../src/domain/index.ts';
import { commandIn } from '../../../src/domain/message/command.ts';
import {
  buildEntry,
  buildMessage,
  buildPromise,
  buildSchedule,
  buildTurn,
  GROUP,
  promiseAfter,
  START,
  telegramMessage,
  telegramUser,
} from '../../../src/testing/index.ts';
import { withoutNotes } from '../../support/without-notes.ts';
import { chat, messages, running, stage, write } from '../support/command-harness.ts';

describe('commands in the chat (rule 9)', () => {
  it('answers commands without a model, each by a reply of its own with the delivery key of its message', async () => {
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

  it('answers commands among questions in order, and shows the model only the questions', async () => {
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

  it('takes paths, and a slash with words behind it, for questions', async () => {
    const texts = ['/cook rice', '/etc/hosts please read', '/etc/hosts', '//'];
    const { model, say } = stage(texts.map((text) => ({ text: `To ${text}` })));
    for (const [i, text] of texts.entries()) expect(await say(i + 1, text)).to.equal(`To ${text}`);
    expect(model.requests).to.have.length(texts.length);
  });

  it('answers an unknown command in a group only if it is addressed to us', () => {
    const group = { text: '/nope', chat: { id: GROUP, kind: 'group' } } as const;
    expect(commandIn(group)).to.equal(undefined);
    expect(commandIn({ ...group, addressedTo: 'other' })).to.equal(undefined);
    expect(commandIn({ ...group, addressedTo: 'us' })).to.deep.equal({ name: 'unknown', argument: '/nope' });
    expect(commandIn({ ...group, text: '/status' })).to.deep.equal({ name: 'status', argument: '' });
  });

  it('/new hides what was said before from the model, and deletes nothing', async () => {
    const { model, say, stores, world } = stage([{ text: 'A.' }, { text: 'B.' }]);
    await stores.conversations.append([buildEntry('it rains', { chatId: GROUP })]);
    await say(1, 'first');
    expect(await say(2, '/new')).to.equal(
      'A new conversation begins: what was said here before is not shown to me any more. It stays stored, and I find it where I search this chat. A message that you delete in this chat is removed for good. Facts and links (/memory) and promises (/promises) stay.',
    );
    expect(await stores.conversations.search(chat, wordQuery('first'), 9)).to.have.length(1);
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

  it('/cancel and /retry reach the promises of their own chat only, and tell the outcome', async () => {
    const { world, say, stores } = stage();
    await stores.promises.add([buildPromise({ id: promiseId(1) }), buildPromise({ id: promiseId(2), chatId: GROUP })]);
    expect(await say(1, '/cancel #1')).to.equal('Promise #1 was cancelled.');
    expect((await stores.promises.get(promiseId(1)))?.status).to.equal('cancelled');
    expect((await stores.outbox.stats()).pending).to.equal(2);
    expect(await say(2, '/cancel 1')).to.match(/^Not done: promise #1 has already ended/);
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

  it('/whoami tells who someone is, where, and by which rule they are allowed', async () => {
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

  it('/usage tells the tokens of this chat, today and in all', async () => {
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
