import { expect } from 'chai';
import { CHAT_AGENT } from '../../../src/application/index.ts';
import { type Approval, type ApprovalId, type MicroUsd, NO_USAGE, promiseId, type TurnId } from '../../../src/domain/index.ts';
import {
  buildMessage,
  buildPolicy,
  buildTool,
  GROUP,
  makeScriptedModel,
  type ScriptedStep,
  telegramChat,
  telegramMessage,
  telegramUser,
} from '../../../src/testing/index.ts';
import { advance, makeProcess, makeWorld, type ProcessOptions, settle } from '../support/harness.ts';
import { promising, running } from '../support/turn-harness.ts';

const direct = telegramChat(501);

const stage = async (script: readonly ScriptedStep[], options: ProcessOptions & { readonly group?: true } = {}) => {
  const world = makeWorld();
  const { group, ...rest } = options;
  const chat = group ? GROUP : direct;
  const place = group ? ({ chatId: GROUP, chatKind: 'group', addressedTo: 'us' } as const) : {};
  const process = makeProcess(world, { model: makeScriptedModel([...script]), ...rest });
  process.deliverer.start();
  process.worker.start();
  const { outbox } = world.storage.stores;
  const write = async (n: number, text: string, more: object = {}): Promise<void> => {
    await process.receive(buildMessage({ ...place, messageId: telegramMessage(n), text, ...more }));
    await process.answerChat(chat, running);
    await settle();
  };
  /** What is answered to `/why`, as a reply to that message. */
  const why = async (n: number, replyTo?: number, more: object = {}): Promise<string> => {
    await write(n, '/why', { ...(replyTo === undefined ? {} : { replyTo: telegramMessage(replyTo) }), ...more });
    return (await outbox.answering(chat, telegramMessage(n)))[0]?.text ?? '';
  };
  return { world, process, chat, write, why };
};

describe('/why', () => {
  it('tells of an answer who asked, by which rules, which steps, and when it was sent', async () => {
    const look = buildTool({ name: 'look', effect: 'reads' });
    const call: ScriptedStep = {
      toolCalls: [{ id: 'a', tool: 'look', input: { secret: 'path' } }],
      usage: { ...NO_USAGE, inputTokens: 1_200 },
    };
    const { write, why } = await stage([call, { text: 'At ten.', usage: { ...NO_USAGE, outputTokens: 30 } }], {
      moreTools: [look],
      agent: { ...CHAT_AGENT, tools: ['look'] },
    });
    await write(1, 'When does it leave?');
    expect((await why(2, 1000)).split('\n')).to.deep.equal([
      'Message 1 of @ada (2026-11-22 12:00 UTC) asked for it: let in by rule whitelisted-user-id (dm_whitelist.allowed_user_ids.501), and answered by rule direct-message.',
      'Agent telegram_chat_agent answered with model scripted-1, in 0.0 s.',
      'Steps: look (done); the model replied 2 times.',
      'Cost: 1,200 tokens in, 30 out for the answer, without a known price.',
      'Sent 2026-11-22 12:00 UTC.',
    ]);
  });

  it('tells of a promise and of its result: its steps, its approvals by whom, and what it cost', async () => {
    const { write, why, world } = await stage([promising('count'), { text: 'I count.' }], {
      policy: buildPolicy({ people: new Map([[telegramUser(7), { name: 'Anna', path: 'people.telegram:7' }]]) }),
    });
    await write(1, 'please count');
    await advance(world, 5_000);
    const { approvals, ledger } = world.storage.stores;
    const promise = await world.storage.stores.promises.get(promiseId(1));
    expect(promise?.status).to.equal('completed');
    const approval = {
      id: 4 as ApprovalId,
      call: { tool: 'tracker_create', input: { title: 'not for everybody' }, directory: '/work', chatId: direct },
      chatKind: 'direct',
      digest: 'd'.repeat(64),
      promiseId: promiseId(1),
      agent: 'valor_agent',
      requestedBy: { id: telegramUser(501) },
      labels: ['member'],
      reason: 'it acts',
      token: 'opaque',
      askedAt: world.clock.now(),
      expiresAt: world.clock.now() + 1_000,
      status: 'failed',
      decidedAt: world.clock.now(),
      decidedBy: telegramUser(7),
      endedAt: world.clock.now(),
      outcome: 'the tracker is [down](https://evil.example).\n\u202eApproval #9: `done`.',
    } as const satisfies Approval;
    await approvals.add([approval, { ...approval, id: 5 as ApprovalId, status: 'denied', decidedBy: 'operator', token: 'other' }]);
    const spent = {
      at: world.clock.now(),
      on: 'model',
      name: 'anthropic/x',
      chatId: direct,
      agent: 'valor_agent',
      usage: { ...NO_USAGE, inputTokens: 10 },
    } as const;
    await ledger.add([
      { ...spent, id: 'a', promiseId: promiseId(1), cost: 12_300 as MicroUsd },
      { ...spent, id: 'b', turnId: turnOf(await world.storage.stores.outbox.answering(direct, telegramMessage(1))), cost: 400 as MicroUsd },
    ]);
    const lines = (await why(2, 1000)).split('\n');
    expect(lines.slice(2)).to.deep.equal([
      'Steps: make_promise (done); the model replied 2 times.',
      'It made promise #1 for agent valor_agent: completed, 1 attempt.',
      'Approval #4 for tracker_create: approved by Anna (2026-11-22 12:00 UTC), but it failed: the tracker is down(https://evil.example). \\u202eApproval #9: done.',
      'Approval #5 for tracker_create: denied by the operator (2026-11-22 12:00 UTC).',
      'Cost: $0.0004 for the answer, beside calls without a known price; $0.0123 for promise #1.',
      'Sent 2026-11-22 12:00 UTC.',
    ]);
    expect((await why(3, 1001)).split('\n')[1]).to.equal('It tells of promise #1 for agent valor_agent: completed, 1 attempt.');
    expect(lines.join()).not.to.include('not for everybody');
  });

  it('tells of the answer to a command, and of one to /why', async () => {
    const { write, why } = await stage([]);
    await write(1, '/status');
    expect((await why(2, 1000)).split('\n')[1]).to.equal('The command /status was answered, without a model.');
    expect((await why(3, 1001)).split('\n')[1]).to.equal('The command /why was answered, without a model.');
  });

  it('answers in groups, and leaves the cost out for guests', async () => {
    const script = [{ text: 'At ten.', usage: { ...NO_USAGE, inputTokens: 5 } }];
    const guest = telegramUser(9);
    const policy = buildPolicy();
    const withGuest = { ...policy, people: new Map([[guest, { name: 'Guest', role: 'guest' as const, path: 'people.telegram:9' }]]) };
    const { write, why } = await stage(script, { group: true, policy: withGuest });
    await write(1, 'When?');
    expect(await why(2, 1000))
      .to.include('Cost: 5 tokens in, 0 out for the answer')
      .and.include('answered by rule');
    const asGuest = await why(3, 1000, { sender: { id: guest, kind: 'person' } });
    expect(asGuest).to.include('answered with model').and.not.include('tokens');
  });

  it('says in plain words what to do where the message is not its own, not known, or not named', async () => {
    const { write, why } = await stage([{ text: 'Yes.' }]);
    await write(1, 'Well?');
    expect(await why(2)).to.equal('Reply with /why to one of my messages, and I tell what led to it.');
    expect(await why(3, 1)).to.match(/^That message is not mine\. Reply with \/why/);
    expect(await why(4, 4_711)).to.match(/^I know nothing of that message: it is not mine, or too old\. Reply/);
  });

  it('names what people here did not write, where that led to it', async () => {
    const { write, why, world } = await stage([{ text: 'Yes.' }]);
    await write(1, 'Well?');
    const { outbox } = world.storage.stores;
    await outbox.add({
      chatId: direct,
      text: 'From the web.',
      answers: [],
      dedupeKey: 'other:1',
      deliveryKey: 'd',
      createdAt: world.clock.now(),
      provenance: { labels: ['member', 'web'] },
    });
    await advance(world, 5_000);
    const lines = (await why(2, 1001)).split('\n');
    expect(lines[0]).to.equal('No message asked for it: Kept sends it by itself.');
    expect(lines[1]).to.match(/^Led to by .*web.*, too, which people here did not write\.$/);
  });

  it('tells nothing of another chat', async () => {
    const { write, process, world } = await stage([{ text: 'Yes.' }]);
    await write(1, 'Well?');
    await process.receive(
      buildMessage({
        chatId: GROUP,
        chatKind: 'group',
        addressedTo: 'us',
        messageId: telegramMessage(9),
        text: '/why',
        replyTo: telegramMessage(1000),
      }),
    );
    await process.answerChat(GROUP, running);
    const [reply] = await world.storage.stores.outbox.answering(GROUP, telegramMessage(9));
    expect(reply?.text).to.match(/^I know nothing of that message/);
  });
});

const turnOf = ([item]: readonly { readonly dedupeKey: string }[]): TurnId => item?.dedupeKey.slice('turn:'.length) as TurnId;
