import { expect } from 'chai';
import { makePersonRates } from '../../../src/application/inbox/person-rates.ts';
import type { IncomingMessage } from '../../../src/domain/index.ts';
import { overRateText } from '../../../src/domain/message/rate.ts';
import {
  buildMessage,
  buildPolicy,
  buildWorkspace,
  START,
  telegramChat,
  telegramMessage,
  telegramUser,
} from '../../../src/testing/index.ts';
import { makeProcess, makeWorld } from '../support/harness.ts';

const policy = buildPolicy();
const said = (number: number, overrides: Parameters<typeof buildMessage>[0] = {}): IncomingMessage =>
  buildMessage({ messageId: telegramMessage(number), sentAt: START + number, text: 'what is the time?', ...overrides });

describe('How often one person is answered', () => {
  it('is so many messages within any minute, over all places', () => {
    const rates = makePersonRates(3, policy);
    const at = (number: number, sentAt: number, chat = 501) => rates.take(said(number, { sentAt, chatId: telegramChat(chat) }));
    expect([at(1, START), at(2, START + 20_000, -42), at(3, START + 40_000)]).to.deep.equal([undefined, undefined, undefined]);
    expect(at(4, START + 59_999)).to.include({ perMinute: 3, againAt: START + 60_000 });
    expect(at(5, START + 60_000), 'the first is a minute old').to.equal(undefined);
    expect(at(6, START + 79_999)).to.include({ againAt: START + 80_000 });
    expect(at(7, START + 80_000), 'a window that slides: one at a time').to.equal(undefined);
  });

  it('takes one place for one message, however often it is asked, and none for what is given back', () => {
    const rates = makePersonRates(1, policy);
    for (let repeat = 0; repeat < 5; repeat++) expect(rates.take(said(1))).to.equal(undefined);
    expect(rates.take(said(2))).not.to.equal(undefined);
    rates.release(said(1));
    expect(rates.take(said(2))).to.equal(undefined);
  });

  it('counts each person alone', () => {
    const rates = makePersonRates(1, policy);
    const by = (id: number, number: number) => rates.take(said(number, { sender: { id: telegramUser(id), kind: 'person' } }));
    expect(by(501, 1)).to.equal(undefined);
    for (let number = 2; number < 50; number++) expect(by(501, number)).not.to.equal(undefined);
    expect(by(502, 50), 'beside one who does not stop').to.equal(undefined);
  });

  it('is told by one key in a window, and by another in the next', () => {
    const rates = makePersonRates(1, policy);
    rates.take(said(1, { sentAt: START }));
    const keys = [2, 3, 4].map((number) => rates.take(said(number, { sentAt: START + number }))?.toldKey);
    expect(new Set(keys)).to.have.property('size', 1);
    rates.take(said(5, { sentAt: START + 70_000 }));
    expect(rates.take(said(6, { sentAt: START + 70_001 }))?.toldKey).not.to.equal(keys[0]);
  });

  it('has no bound for owners, for the operator, and for what ends work', () => {
    const owners = buildPolicy({
      people: new Map([[telegramUser(501), { name: 'Ada', role: 'owner', path: 'people.telegram:501' }]]) as never,
    });
    const free = makePersonRates(1, owners);
    for (let number = 1; number < 20; number++) expect(free.take(said(number))).to.equal(undefined);
    const rates = makePersonRates(1, policy);
    rates.take(said(1));
    for (const text of ['/stop', '/cancel 3', '/approve 4', '/deny 4']) expect(rates.take(said(2, { text })), text).to.equal(undefined);
    expect(rates.take(said(3, { sender: { id: telegramUser(501), kind: 'operator' } }))).to.equal(undefined);
    expect(rates.take(said(4, { text: '/status' }))).not.to.equal(undefined);
  });

  it('answers what ends work ten times a minute, by person, chat and command, and beside all else', () => {
    const rates = makePersonRates(1, policy);
    const says = (number: number, text: string, chat = 501) => rates.take(said(number, { text, chatId: telegramChat(chat) }));
    for (let number = 1; number <= 10; number++) expect(says(number, `/cancel ${number}`), `${number}`).to.equal(undefined);
    expect(says(11, '/cancel 11')).to.include({ perMinute: 10, command: 'cancel', againAt: START + 1 + 60_000 });
    for (const [at, text] of ['/stop', '/approve 4', '/deny 4', 'hello'].entries()) expect(says(20 + at, text), text).to.equal(undefined);
    expect(says(30, '/cancel 1', 777), 'elsewhere').to.equal(undefined);
    expect(overRateText({ perMinute: 10, againAt: START + 5_000, command: 'cancel' }, START)).to.match(
      /^You have written \/cancel here more than 10 times within a minute\. I answer it again in 5 s\./,
    );
  });

  it('tells whoever may never give such a command so once a minute, and is silent about the rest', () => {
    const guests = buildPolicy({
      workspaces: [buildWorkspace()],
      people: new Map([[telegramUser(9), { name: 'Eve', role: 'guest', path: 'people.telegram:9' }]]) as never,
    });
    const rates = makePersonRates(60, guests);
    const group = { chatId: telegramChat(-1_001), chatKind: 'group' as const };
    const says = (number: number, text: string) =>
      rates.take(said(number, { ...group, text, sender: { id: telegramUser(9), kind: 'person' } }));
    for (const text of ['/approve 4', '/deny 4']) {
      expect(says(1, text), text).to.equal(undefined);
      const over = Array.from({ length: 1_000 }, (_, at) => says(at + 2, text));
      expect(new Set(over.map((each) => each?.toldKey)), text).to.have.property('size', 1);
      expect(over[0]).to.include({ perMinute: 1 });
    }
    expect(overRateText({ perMinute: 1, againAt: START + 5_000, command: 'approve' }, START)).to.include('/approve here more than once');
  });

  it('keeps bounded memory, however many people write', () => {
    const rates = makePersonRates(1, policy);
    const by = (id: number) => rates.take(said(1, { chatId: telegramChat(id), sender: { id: telegramUser(id), kind: 'person' } }));
    for (let id = 1; id <= 6_000; id++) by(id);
    expect(rates.take(said(2, { chatId: telegramChat(1), sender: { id: telegramUser(1), kind: 'person' } })), 'forgotten').to.equal(
      undefined,
    );
    expect(rates.take(said(2, { chatId: telegramChat(6_000), sender: { id: telegramUser(6_000), kind: 'person' } }))).not.to.equal(
      undefined,
    );
  });
});

describe('A message beyond what one person is answered', () => {
  const stage = () => {
    const world = makeWorld();
    const process = makeProcess(world, { policy, personMessagesPerMinute: 2 });
    return { world, process, stores: world.storage.stores };
  };

  it('is recorded with its reason, remembered as context, and not answered; the person is told once', async () => {
    const { process, stores } = stage();
    const records = [];
    for (let number = 1; number <= 5; number++) records.push(await process.receive(said(number, { text: `question ${number}` })));
    expect(records.map(({ response }) => response?.rule)).to.deep.equal([
      'direct-message',
      'direct-message',
      'over-rate',
      'over-rate',
      'over-rate',
    ]);
    expect(records.map(({ verdict }) => verdict?.kind)).to.deep.equal([undefined, undefined, 'remembered', 'remembered', 'remembered']);
    const kept = (await stores.conversations.recent(telegramChat(501), 10)).map(({ step }) => (step.role === 'person' ? step.text : ''));
    expect(kept).to.deep.equal(['question 3', 'question 4', 'question 5']);
    const [told] = await stores.outbox.due(START + 10 * 60_000, 10);
    expect(told).to.include({ chatId: 'telegram:501', replyTo: 'telegram:3' });
    expect(told?.text).to.match(/^You have asked more than 2 times within a minute\. I answer you again in \d+ s\./);
    if (told) await stores.outbox.markSent(told.id, telegramMessage(90), START);
    expect(await stores.outbox.due(START + 10 * 60_000, 10), 'once').to.deep.equal([]);
    expect(process.recorded.of('person-over-rate')).to.have.length(3);
  });

  it('is not received a second time by an edit, nor does a repeat take a place', async () => {
    const { process } = stage();
    for (let repeat = 0; repeat < 4; repeat++) await process.receive(said(1));
    expect((await process.receive(said(2))).response?.rule).to.equal('direct-message');
    expect((await process.receive(said(3))).response?.rule).to.equal('over-rate');
    const edited = await process.receive({ ...said(3), text: 'again?', edited: 'whole' } as never);
    expect(edited.verdict?.kind).to.equal('remembered');
  });
});
