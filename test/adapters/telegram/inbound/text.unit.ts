import { expect } from 'chai';
import fc from 'fast-check';
import { MAX_MESSAGE_LENGTH } from '../../../../src/domain/message/message.ts';
import { telegramMessage } from '../../../../src/testing/index.ts';
import type { TlObject } from '../../../fakes/telegram/tl/value.ts';
import { received, reply } from './inbound-stage.ts';
import { arriving, BOB, CHANNEL, channel, context, DATE, entity, OURS, read, STRANGER, user } from './samples.ts';

describe('Telegram inbound: the text', () => {
  it('the part of a message that a reply picks out is told beside the text, line by line', async () => {
    const quoted = (text: string, quoteText: string) => arriving({ message: text, replyTo: reply(OURS, { quote: true, quoteText }) });
    for (const text of ['why?', '/cancel 3'])
      expect(await received(quoted(text, 'first\nsecond'))).to.deep.include({
        text,
        replyTo: telegramMessage(OURS),
        replied: { quote: 'first\nsecond' },
      });
    expect(await received(arriving({ replyTo: reply(OURS) }))).not.to.have.property('replied');
  });

  it('of a message of another chat that is replied to, all is told that the reply brings', async () => {
    const replyFrom: TlObject = { _: 'messageFwdHeader', date: DATE, fromId: user(BOB) };
    const elsewhere = (fields: object) =>
      received(arriving({ replyTo: reply(3, { replyToPeerId: channel(CHANNEL), replyFrom, ...fields }) }));
    const whole = await elsewhere({ quote: true, quoteText: 'at five', replyMedia: { _: 'messageMediaDice', value: 3, emoticon: '🎲' } });
    expect(whole.replied).to.deep.equal({ from: 'Bob', text: '[dice 🎲 3]', quote: 'at five' });
    expect(whole).not.to.have.property('replyTo');
    expect((await elsewhere({})).replied).to.deep.equal({ from: 'Bob' });
  });

  it('a forward says from whom it is, and is no command', async () => {
    const forwarded = (fields: object) => arriving({ message: '/stop', fwdFrom: { _: 'messageFwdHeader', date: DATE, ...fields } });
    expect(await received(forwarded({ fromId: user(BOB) }))).to.include({ text: 'Forwarded from Bob:\n/stop', forwarded: true });
    expect(await received(arriving({ message: '/stop' }))).not.to.have.property('forwarded');
    expect((await received(forwarded({ fromId: channel(CHANNEL), channelPost: 3 }))).text).to.equal('Forwarded from News:\n/stop');
    expect((await received(forwarded({ fromName: 'Hidden\nSoul' }))).text).to.equal('Forwarded from Hidden Soul:\n/stop');
    expect((await received(forwarded({ fromId: user(STRANGER) }))).text).to.equal('Forwarded:\n/stop');
  });

  it('is whole characters without control characters, no longer than a message may be', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), async (text, name) => {
        const fwdFrom: TlObject = { _: 'messageFwdHeader', date: DATE, fromName: name };
        const incoming = await received(arriving({ message: `${text}\0\r\n`, fwdFrom }));
        expect(incoming.text.isWellFormed()).to.equal(true);
        expect(incoming.text).to.match(/^Forwarded(?: from [^\n]*)?:\n[^\0\r]*$/);
      }),
    );
    const long = await received(arriving({ message: `a${'👍'.repeat(MAX_MESSAGE_LENGTH / 2)}` }));
    expect(long.text).to.have.length(MAX_MESSAGE_LENGTH - 1);
    expect(long.text.isWellFormed()).to.equal(true);
  });

  it('any entities at any place leave every other word where it was', async () => {
    const kinds = fc.constantFrom('Mention', 'BotCommand', 'Bold');
    const entities = fc.array(fc.tuple(kinds, fc.integer({ min: -5, max: 60 }), fc.integer({ min: -5, max: 60 })), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(entities, async (some) => {
        const text = 'one @kept_bot two /go@kept_bot three @ann four';
        const incoming = await received(
          arriving({ message: text, entities: some.map(([kind, offset, length]) => ({ _: `messageEntity${kind}`, offset, length })) }),
        );
        for (const word of ['one', 'two', '/go', 'three', '@ann', 'four']) expect(incoming.text).to.contain(word);
      }),
      {
        examples: [
          [
            [
              ['BotCommand', 8, 22],
              ['BotCommand', 15, 15],
            ],
          ],
        ],
      },
    );
  });
});

describe('Telegram inbound: no state is kept', () => {
  it('the same update reads the same again', async () => {
    const update = arriving({ message: '@kept_bot a', entities: [entity('Mention', '@kept_bot a', '@kept_bot')] });
    expect(await read(update)).to.deep.equal(await read(update, context));
  });
});
