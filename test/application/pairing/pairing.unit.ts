import { expect } from 'chai';
import { makeApprovePairing, makeListPairings, makeRevokePairing } from '../../../src/application/pairing/decide-pairing.ts';
import { makePairedPeople } from '../../../src/application/pairing/paired-people.ts';
import { cardButtons, cardFor } from '../../../src/domain/approval/card-text.ts';
import { DEFAULT_LOCAL_CHAT } from '../../../src/domain/chat/ids.ts';
import { type IncomingMessage, MAX_OPEN_PAIRINGS, userId } from '../../../src/domain/index.ts';
import { accessOf, decideAccess } from '../../../src/domain/message/access.ts';
import { buildApproval, buildMessage, buildPolicy, telegramChat, telegramMessage, telegramUser } from '../../../src/testing/index.ts';
import { advance, makeProcess, makeWorld } from '../support/harness.ts';

const DAY = 24 * 60 * 60 * 1000;
const base = buildPolicy();
const owner = telegramUser(501);
const policy = buildPolicy({
  whitelist: { ...base.whitelist, pairing: { has: () => false } },
  people: new Map([
    [owner, { name: 'Ada', role: 'owner', path: 'people.telegram:501' }],
    [telegramUser(600), { name: 'Out', role: 'owner', path: 'people.telegram:600' }],
  ]) as never,
});
const stranger = (id: number, number = 1, text = 'let me in'): IncomingMessage =>
  buildMessage({
    chatId: telegramChat(id),
    messageId: telegramMessage(number),
    sender: { id: telegramUser(id), kind: 'person', displayName: 'Eve' },
    text,
  });

const stage = (given = policy) => {
  const world = makeWorld();
  const process = makeProcess(world, { policy: given });
  const { stores, unitOfWork } = world.storage;
  const deps = { unitOfWork, policy: given, clock: world.clock, events: { emit: () => undefined } };
  const sent: { readonly chatId: string; readonly text: string }[] = [];
  /** Everything that was ever to be sent there. */
  const toldTo = async (chat: string) => {
    for (;;) {
      const due = await stores.outbox.due(world.clock.now() + DAY, 500);
      if (due.length === 0) return sent.filter(({ chatId }) => chatId === chat).map(({ text }) => text);
      for (const item of due) {
        await stores.outbox.markSent(item.id, telegramMessage(9_000 + sent.length), world.clock.now());
        sent.push(item);
      }
    }
  };
  return {
    world,
    process,
    stores,
    toldTo,
    approve: makeApprovePairing(deps),
    revoke: makeRevokePairing(deps),
    list: makeListPairings(stores),
  };
};

describe('Pairing', () => {
  it('offers a stranger who writes in private to the owners and the local chat, and says nothing to the stranger', async () => {
    const { process, stores, toldTo, list } = stage();
    const { access, verdict } = await process.receive(stranger(777));
    expect(access).to.include({ allowed: false, rule: 'not-whitelisted' });
    expect(verdict).to.include({ kind: 'denied' });
    const [pairing] = await list({});
    expect(pairing).to.include({ userId: 'telegram:777', status: 'asked' });
    const [text] = await toldTo('telegram:501');
    expect(text).to.include(`pairing approve ${pairing?.code}`).and.include('`telegram:777`').and.not.include('let me in');
    expect(await toldTo(DEFAULT_LOCAL_CHAT)).to.deep.equal([text]);
    expect(await toldTo('telegram:777'), 'the stranger').to.deep.equal([]);
    expect(await toldTo('telegram:600'), 'an owner who is not let in in private').to.deep.equal([]);
    expect((await stores.messages.get(telegramChat(777), telegramMessage(1)))?.message.text, 'no words of strangers').to.equal('');
    expect(process.recorded.of('pairing-offered')).to.deep.equal([
      { type: 'pairing-offered', chatId: 'telegram:777', userId: 'telegram:777' },
    ]);
  });

  it('tells an owner whom the whitelist names by username, once that is known to be theirs', async () => {
    const grace = telegramUser(502);
    const named = { ...policy, people: new Map([[grace, { name: 'Grace', role: 'owner', path: 'people.telegram:502' }]]) as never };
    const { process, toldTo } = stage(named);
    await process.receive(stranger(777));
    expect(await toldTo('telegram:502')).to.deep.equal([]);
    await process.receive(buildMessage({ chatId: telegramChat(502), sender: { id: grace, kind: 'person', username: 'Grace' } }));
    await process.receive(stranger(778));
    expect(await toldTo('telegram:502')).to.have.length(1);
  });

  it('is off by default, and offers no bots, groups, or accounts that hide', async () => {
    const off = stage(buildPolicy({ people: policy.people as never }));
    await off.process.receive(stranger(777));
    expect(await off.list({})).to.deep.equal([]);
    const on = stage();
    for (const kind of ['bot', 'anonymous', 'service'] as const)
      await on.process.receive({ ...stranger(778), sender: { id: telegramUser(778), kind } });
    await on.process.receive(
      buildMessage({ chatId: telegramChat(-42), chatKind: 'group', sender: { id: telegramUser(779), kind: 'person' } }),
    );
    expect(await on.list({})).to.deep.equal([]);
    expect(await on.toldTo(DEFAULT_LOCAL_CHAT)).to.deep.equal([]);
  });

  it('offers a person once a day, however often they write, and then with another code', async () => {
    const { world, process, toldTo, list } = stage();
    for (let number = 1; number <= 5; number++) await process.receive(stranger(777, number));
    const [first] = await list({});
    expect(await toldTo(DEFAULT_LOCAL_CHAT)).to.have.length(1);
    await advance(world, DAY);
    await process.receive(stranger(777, 6));
    const [second, ...others] = await list({});
    expect(others).to.deep.equal([]);
    expect(second?.code).not.to.equal(first?.code);
  });

  it('offers no more than so many at a time, whatever number writes', async () => {
    const { process, toldTo } = stage();
    await Promise.all(Array.from({ length: 3 * MAX_OPEN_PAIRINGS }, (_, at) => process.receive(stranger(1_000 + at))));
    expect(await toldTo(DEFAULT_LOCAL_CHAT)).to.have.length(MAX_OPEN_PAIRINGS);
  });

  it('lets an approved person in from the next message on, with a rule that says how to take it back', async () => {
    const { process, approve, list } = stage();
    await process.receive(stranger(777));
    const [pairing] = await list({});
    expect((await approve(` ${pairing?.code.toLowerCase()} `)).ok).to.equal(true);
    const { access, response } = await process.receive(stranger(777, 2, 'hello'));
    expect(access).to.deep.equal({ allowed: true, rule: 'paired', path: '(kept pairing revoke telegram:777)' });
    expect(response).to.include({ action: 'answer' });
    expect((await process.receive(stranger(778))).access.rule, 'another').to.equal('not-whitelisted');
  });

  it('lets an approved person decide by a button on what they asked for themselves', async () => {
    const { process, stores, approve, list } = stage();
    await process.receive(stranger(777));
    await approve((await list({}))[0]?.code ?? '');
    const sender = { id: telegramUser(777), kind: 'person' as const };
    await process.receive(stranger(777, 2, 'send it'));
    const asked = buildApproval({ call: { chatId: telegramChat(777) }, requestedBy: { id: sender.id } });
    await stores.approvals.add([asked]);
    await stores.outbox.addMany(cardFor(asked, { nameOf: () => undefined }, () => 'key'));
    const [, deny] = cardButtons(asked);
    const tap = { chatId: telegramChat(777), messageId: telegramMessage(9), sender, data: deny?.data ?? '' };
    expect(await process.inbound.tapped(tap)).to.equal('Denied. It does not run.');
  });

  it('shuts a revoked person out from the next message on, offers them to nobody again, and says nothing', async () => {
    const { world, process, approve, revoke, list, toldTo } = stage();
    await process.receive(stranger(777));
    const code = (await list({}))[0]?.code ?? '';
    await approve(code);
    expect((await revoke(telegramUser(777))).ok).to.equal(true);
    expect((await process.receive(stranger(777, 2))).access.rule).to.equal('not-whitelisted');
    await advance(world, 2 * DAY);
    await process.receive(stranger(777, 3));
    expect(await list({})).to.deep.equal([]);
    expect(await toldTo(DEFAULT_LOCAL_CHAT)).to.have.length(1);
    expect(await toldTo('telegram:777')).to.deep.equal([]);
    expect((await approve(code)).ok, 'revoked by mistake').to.equal(true);
    expect((await process.receive(stranger(777, 4))).access.rule).to.equal('paired');
  });

  it('refuses codes of nobody, old codes, and every code while it is off', async () => {
    const { world, process, approve, revoke, list } = stage();
    await process.receive(stranger(777));
    const code = (await list({}))[0]?.code ?? '';
    expect(await approve('AAAAAAAA')).to.have.nested.property('error.code', 'pairing/not-found');
    expect(await approve('x')).to.have.nested.property('error.code', 'pairing/not-found');
    expect(await revoke(userId('telegram:9'))).to.have.nested.property('error.code', 'pairing/not-found');
    const { unitOfWork } = world.storage;
    const off = makeApprovePairing({ unitOfWork, policy: base, clock: world.clock, events: { emit: () => undefined } });
    expect(await off(code)).to.have.nested.property('error.code', 'pairing/off');
    await advance(world, DAY);
    expect(await approve(code)).to.have.nested.property('error.code', 'pairing/expired');
  });

  it('is written to the audit log, each step', async () => {
    const { process, stores, approve, revoke, list } = stage();
    await process.receive(stranger(777));
    await approve((await list({}))[0]?.code ?? '');
    await revoke(telegramUser(777));
    await stores.audit.seal(100);
    const rows = await stores.audit.read({ kinds: ['pairing'], limit: 10 });
    expect(rows.map(({ actor, facts }) => [actor, facts.verdict])).to.deep.equal([
      ['telegram:777', 'asked'],
      ['operator', 'paired'],
      ['operator', 'revoked'],
    ]);
  });
});

describe('The people who were let in', () => {
  const origin = { chatId: telegramChat(777), chatKind: 'direct' as const, senderId: telegramUser(777) };

  it('are let in by a policy that follows what is stored, where pairing is on', async () => {
    let stored = [telegramUser(777)];
    const people = makePairedPeople({ paired: async () => stored }, policy);
    const over = people.over(policy);
    expect(accessOf(over, origin).allowed, 'before it was read').to.equal(false);
    await people.refresh();
    expect(accessOf(over, origin)).to.include({ allowed: true, rule: 'paired' });
    stored = [];
    await people.refresh();
    expect(accessOf(over, origin).allowed).to.equal(false);
    people.learn(telegramUser(777), true);
    expect(accessOf(over, origin).allowed).to.equal(true);
  });

  it('are nobody where pairing is off', async () => {
    const people = makePairedPeople({ paired: () => Promise.reject(new Error('read')) }, base);
    await people.refresh();
    expect(people.over(base)).to.deep.equal(base);
  });

  it('are persons: no bot, no account that hides, and nobody in a group', () => {
    const paired = buildPolicy({ whitelist: { ...base.whitelist, pairing: { has: () => true } } });
    const direct = { id: telegramChat(777), kind: 'direct' as const };
    const rule = (kind: 'person' | 'bot' | 'anonymous' | 'service', chat: IncomingMessage['chat'] = direct) =>
      decideAccess(paired, { chat, sender: { id: telegramUser(777), kind } }).allowed;
    expect(rule('person')).to.equal(true);
    for (const kind of ['bot', 'anonymous', 'service'] as const) expect(rule(kind), kind).to.equal(false);
    expect(rule('person', { id: telegramChat(-42), kind: 'group' })).to.equal(false);
  });
});
