import { expect } from 'chai';
import type { IncomingMessage } from '../../src/domain/index.ts';
import { isPortError } from '../../src/ports/index.ts';
import {
  buildInlet,
  buildMessage,
  buildOutboxDraft,
  makeRecordingGateway,
  numberIn,
  telegramChat,
  telegramMessage,
} from '../../src/testing/index.ts';

const outgoing = (deliveryKey: string, chat = 501) => {
  const { text, answers } = buildOutboxDraft();
  return { chatId: telegramChat(chat), text, answers, deliveryKey };
};
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => (isPortError(error) ? error.code : error),
  );

describe('the recording gateway', () => {
  it('delivers once, however often it is called with one delivery key, and gives the same message id', async () => {
    const gateway = makeRecordingGateway();
    const first = await gateway.send(outgoing('1'));
    expect(await gateway.send(outgoing('1'))).to.equal(first);
    expect(await gateway.send(outgoing('2'))).to.not.equal(first);
    expect(await gateway.send(outgoing('1', 502))).to.not.equal(first);
    expect(gateway.sent.map(({ chatId, deliveryKey }) => `${numberIn(chatId)}/${deliveryKey}`)).to.deep.equal(['501/1', '501/2', '502/1']);
    expect(gateway.attempts).to.have.length(4);
  });

  it('fails before the message arrived: a repeat delivers it', async () => {
    const gateway = makeRecordingGateway();
    gateway.failNext(2, 'before');
    expect(await failureOf(gateway.send(outgoing('1')))).to.equal('unavailable');
    expect(await failureOf(gateway.send(outgoing('1')))).to.equal('unavailable');
    expect(gateway.sent).to.deep.equal([]);
    await gateway.send(outgoing('1'));
    expect(gateway.sent).to.have.length(1);
  });

  it('fails after the message arrived: a repeat changes nothing there', async () => {
    const gateway = makeRecordingGateway();
    gateway.failNext(1, 'after', 'cut');
    expect(await failureOf(gateway.send(outgoing('1')))).to.equal('cut');
    expect(gateway.sent).to.have.length(1);
    expect(await gateway.send(outgoing('1'))).to.equal(gateway.sent[0]?.messageId);
    expect(gateway.sent).to.have.length(1);
  });

  it('tells when messages have arrived at the other side', async () => {
    const gateway = makeRecordingGateway();
    const arrived = gateway.untilSent(2);
    await gateway.send(outgoing('1'));
    await gateway.send(outgoing('2'));
    await arrived;
  });

  it('hands over what came before its start first, and again what was not received', async () => {
    const gateway = makeRecordingGateway();
    const received: number[] = [];
    let failing = true;
    const receive = async ({ messageId }: IncomingMessage) => {
      if (failing && numberIn(messageId) === 2) throw new RangeError('storage is down');
      received.push(numberIn(messageId));
    };
    await gateway.deliver(buildMessage({ messageId: telegramMessage(1) }));
    await gateway.start(buildInlet({ received: receive }));
    expect(await failureOf(gateway.deliver(buildMessage({ messageId: telegramMessage(2) })))).to.be.instanceOf(RangeError);
    expect(await failureOf(gateway.deliver(buildMessage({ messageId: telegramMessage(3) })))).to.be.instanceOf(RangeError);
    expect(gateway.undelivered).to.have.length(2);
    failing = false;
    await gateway.redeliver();
    expect(received).to.deep.equal([1, 2, 3]);
    await gateway.stop();
    await gateway.deliver(buildMessage({ messageId: telegramMessage(4) }));
    expect(received).to.deep.equal([1, 2, 3]);
  });

  it('keeps what it was to show, refuses what it is told to, and numbers messages as its name says', async () => {
    const gateway = makeRecordingGateway({ name: 'some' });
    gateway.refuseNext('showTyping', 'no');
    await gateway.showDraft({ chatId: telegramChat(501), text: 'It lea', deliveryKey: '1' });
    expect(gateway.drafts).to.deep.equal([{ chatId: telegramChat(501), text: 'It lea', deliveryKey: '1' }]);
    expect(await failureOf(gateway.showTyping(telegramChat(501)))).to.equal('no');
    await gateway.showTyping(telegramChat(502));
    expect(gateway.typing).to.deep.equal([telegramChat(501), telegramChat(502)]);
    await gateway.acknowledge(telegramChat(501), telegramMessage(3));
    expect(gateway.acknowledged).to.deep.equal([{ chatId: telegramChat(501), messageId: telegramMessage(3) }]);
    expect([gateway.name, await gateway.send(outgoing('1'))]).to.deep.equal(['some', 'some:1000']);
  });
});
