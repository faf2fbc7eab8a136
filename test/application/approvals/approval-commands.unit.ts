import { expect } from 'chai';
import { readWhy } from '../../../src/application/audit/read-why.ts';
import { makeExplainMessage } from '../../../src/application/inbox/explain-message.ts';
import { toldText } from '../../../src/domain/approval/card-text.ts';
import { chainInWords } from '../../../src/domain/audit/why.ts';
import { type MessageId, messageId, standingId } from '../../../src/domain/index.ts';
import { buildMessage, GROUP, type MessageOverrides, telegramMessage } from '../../../src/testing/index.ts';
import { ADA, DIRECT, GRACE, GROUPS, stage } from './stage.ts';

const asked = async (chatId = DIRECT, options: Parameters<typeof stage>[0] = {}) => {
  const opened = stage(chatId === GROUP ? { policy: GROUPS, ...options } : options);
  await opened.ask(chatId, chatId === GROUP ? GRACE : ADA);
  let last = 1;
  /** What the chat is told for that message. */
  const say = async (text: string, message: MessageOverrides = {}): Promise<string> => {
    const { receive, answerChat } = opened.process();
    const id: MessageId = telegramMessage(++last);
    const chatKind = chatId === GROUP ? 'group' : 'direct';
    await receive(buildMessage({ chatId, chatKind, messageId: messageId(id), text, addressedTo: 'us', ...message }));
    await answerChat(chatId, new AbortController().signal);
    return (await opened.world.storage.stores.outbox.answering(chatId, id)).map((item) => item.text).join('\n');
  };
  return { ...opened, say };
};

describe('/approve and /deny', () => {
  it('decide on the approval of that number, in the commit that answers the command', async () => {
    const { say, approval, work, effects } = await asked();
    expect(await say('/approve 1')).to.equal('Approval #1 is given: promise #1 goes on.');
    expect(await approval()).to.deep.include({ status: 'approved', decidedBy: ADA });
    await work();
    expect(effects.length).to.equal(1);
    expect(await say('/approve 1')).to.equal('Not done: approval #1 was approved, and is done; telegram:501 decided.');
    const other = await asked();
    expect(await other.say('/deny #1')).to.equal('Approval #1 is denied: promise #1 is cancelled.');
    expect((await other.promise()).status).to.equal('cancelled');
  });

  it('count in a message that is nothing but that: not forwarded, not edited, not among other words', async () => {
    const { say, approval } = await asked();
    // Also where the edit is the first that is seen of the message, and where the platform shows nothing of it.
    for (const message of [
      { forwarded: true as const },
      { edited: true as const, editedAt: 5 },
      { editedAt: 5 },
      { edited: true as const },
      { touchedAt: 5 },
    ])
      expect(await say('/approve 1', message)).to.match(/^Not done: a decision counts in a new message of your own alone/);
    for (const text of [
      '/approve 1 please',
      '/approve 1\n/approve 2',
      '/approve one',
      'please /approve 1',
      '> /approve 1',
      '/deny 1 for 1 day',
    ])
      expect(await say(text), text).to.not.match(/^Approval #1 is (?:given|denied)/);
    expect((await approval()).status).to.equal('asked');
  });

  it('list what waits where no number is given, and tell nothing of other chats', async () => {
    const { say } = await asked();
    expect(await say('/approve')).to.match(
      /^Which approval\? For example: \/approve 1\.\n#1 telegram_chat_agent: send `\{"to":"Bob"\}` \(until /,
    );
    expect(await say('/approve 7')).to.equal('Not done: there is no approval #7 here.');
    expect(await say('/promises')).to.match(/^#1 waiting \(waiting for approval #1\): /);
  });

  it('are told of in words that name the call, and /why says what such a message tells of', async () => {
    const { world, approval, say, said } = await asked();
    const { outbox } = world.storage.stores;
    await say('/deny 1');
    await said();
    const told = toldText(await approval(), { nameOf: () => undefined });
    expect(told).to.include('Tool: send\nArguments: {"to":"Bob"}\n');
    const about = { chatId: DIRECT, answers: [], createdAt: world.clock.now(), replyTo: telegramMessage(40) };
    await outbox.add({ ...about, text: told, dedupeKey: 'approval:1:denied', deliveryKey: 'd' });
    const [item] = await outbox.due(Number.MAX_SAFE_INTEGER, 9);
    if (!item) throw new Error('nothing was told');
    const lines = chainInWords(await readWhy(world.storage.stores, item), { timeZone: 'UTC', seesCost: true });
    expect(lines[0]).to.match(/^Message 1 of /);
    expect(lines.find((line) => line.includes('promise #1'))).to.match(/^It tells of promise #1 /);
  });

  it('are for owners in a group', async () => {
    const { say, approval } = await asked(GROUP);
    for (const verdict of ['approve', 'deny'])
      expect(await say(`/${verdict} 1`, { sender: { id: GRACE, kind: 'person' } })).to.match(
        /^Not done: you may not decide on approval #1 \(.*\); the owner with the id 501 or whoever runs Kept can\.$/,
      );
    expect(await say('/approve 1', { sender: { id: GRACE, kind: 'bot' } })).to.equal('');
    expect((await approval()).status).to.equal('asked');
    expect(await say('/approve 1', { sender: { id: ADA, kind: 'person' } })).to.match(/^Approval #1 is given/);
  });

  it('give a standing approval for a time, by owners alone: further calls run without asking until it ends or is revoked', async () => {
    const direct = await asked();
    expect(await direct.say('/approve 1 for 1 day')).to.match(
      /^Not done: only owners give standing approvals \(.*\); whoever runs Kept can\.$/,
    );
    const { say, work, effects, world, process, approval } = await asked(GROUP);
    const owner = { sender: { id: ADA, kind: 'person' as const } };
    expect(await say('/approve 1 for soon', owner)).to.match(/is no span of time/);
    expect(await say('/approve 1 for 60 days', owner)).to.match(/at most 30 days/);
    expect((await approval()).status).to.equal('asked');
    expect(await say('/approve 1 for 1 day', owner)).to.match(/Each further call of send in this chat runs without an approval until /);
    await work();
    expect(await say('send it again', owner)).to.include('it is exactly this call of send, and runs when the reply is sent');
    await work();
    expect(effects.length).to.equal(2);
    const { approvals } = process();
    const [standing] = await approvals.listStanding({});
    expect(standing).to.deep.include({ tool: 'send', chatId: GROUP, givenBy: ADA, directory: '/srv/railway' });
    // However many were given since.
    const store = world.storage.stores.approvals;
    if (standing)
      for (let id = 2; id <= 10_002; id++) await store.addStanding({ ...standing, id: standingId(id), expiresAt: standing.givenAt });
    const revoked = await approvals.revokeStanding(standing?.id ?? (0 as never), { kind: 'operator' });
    expect(revoked.ok && revoked.value.revokedBy).to.equal('operator');
    expect(await say('send it once more', owner)).to.match(/Approval #2 is asked/);
    expect(await world.storage.stores.approvals.list({ statuses: ['asked'], limit: 9 })).to.have.length(1);
  });

  it('are told by /why and explain: what a turn handed on is not done', async () => {
    const { say, work, world, audit } = await asked(GROUP);
    const owner = { sender: { id: ADA, kind: 'person' as const } };
    const explain = makeExplainMessage({ stores: world.storage.stores });
    const explained = async (n: number) => (await explain(GROUP, telegramMessage(n)))?.lines.join('\n') ?? '';
    expect(await explained(1))
      .to.include(': send: asked for approval #1, not run here, ')
      .and.not.include('send: done');
    await say('/deny 1', owner);
    await say('send it again', owner);
    await say('/approve 2 for 1 day', owner);
    await work();
    await say('send it once more', owner);
    await work();
    expect(await explained(5))
      .to.include(': send: handed to promise #3, ')
      .and.not.include('send: done');
    const byStanding = /Allowed by standing approval #1 of telegram:501 for send, from .* until .*\./;
    expect(await explained(5)).to.match(byStanding);
    expect(await explained(3), 'it ran by an approval of its own').not.to.match(byStanding);
    while ((await audit.seal(100)) > 0);
    const acted = (await audit.read({ kinds: ['acted'], limit: 9 })).map(({ facts }) => [facts.approvalId, facts.standingId]);
    expect(acted).to.deep.equal([
      [2, undefined],
      [undefined, 1],
    ]);
  });

  it('give a standing approval that holds after results of the tool’s own server once a card has shown that label', async () => {
    const { say, work, effects, world } = await asked(GROUP, { source: 'mcp:tracker' });
    const owner = { sender: { id: ADA, kind: 'person' as const } };
    await say('/approve 1 for 1 day', owner);
    await work();
    expect(await say('send it again', owner), 'the first card showed no label').to.match(/Approval #2 is asked/);
    await say('/approve 2 for 1 day', owner);
    await work();
    expect(await say('send it once more', owner)).to.include('it is exactly this call of send, and runs when the reply is sent');
    await work();
    expect(effects.length).to.equal(3);
    const forwarded = { ...owner, forwarded: true as const };
    expect(await say('send what this says', forwarded), 'whatever else was shown asks').to.match(/Approval #3 is asked/);
    expect((await world.storage.stores.approvals.list({ statuses: ['asked'], limit: 9 }))[0]?.labels).to.include.members([
      'guest',
      'mcp:tracker',
    ]);
  });
});
