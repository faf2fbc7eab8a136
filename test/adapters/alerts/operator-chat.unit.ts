import { expect } from 'chai';
import { makeOperatorChat } from '../../../src/adapters/alerts/index.ts';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import type { Alert } from '../../../src/domain/index.ts';
import { chatId } from '../../../src/domain/index.ts';
import { makeFixedClock, makeSeededRandomness } from '../../../src/testing/index.ts';
import { AT, anAlert, itsEnd } from './http-channel.contract.ts';

const CHAT = chatId('telegram:501');

const openSite = () => {
  const { unitOfWork, stores } = makeMemoryStorage();
  const channel = makeOperatorChat({ chatId: CHAT, unitOfWork, randomness: makeSeededRandomness(1), clock: makeFixedClock(AT) });
  const send = (alerts: readonly Alert[], signal = new AbortController().signal) => channel.send(alerts, signal);
  const texts = async (): Promise<readonly string[]> => {
    const { outbox } = stores;
    const sent: string[] = [];
    for (let [item] = await outbox.due(AT, 1); item; [item] = await outbox.due(AT, 1)) {
      sent.push(`${item.chatId}: ${item.text}`);
      await outbox.markSent(item.id, undefined, AT);
    }
    return sent;
  };
  return { channel, send, texts };
};

describe('The alert channel of the operator chat', () => {
  it('puts a message into the outbox for what fires together, and one for its end', async () => {
    const { channel, send, texts } = openSite();
    const alerts = [
      anAlert({ detail: 'It waits.' }),
      anAlert({ key: 'queue.worker', title: 'No worker is running', severity: 'error', detail: 'None.' }),
    ];
    await send(alerts);
    await send(alerts.map(itsEnd));
    expect([channel.name, channel.gateway]).to.deep.equal(['telegram', 'telegram']);
    expect(await texts()).to.deep.equal([
      'telegram:501: CRITICAL A gateway is silent: telegram\nIt waits.\n\nERROR No worker is running\nNone.',
      'telegram:501: OVER A gateway is silent: telegram\n\nOVER No worker is running',
    ]);
  });

  it('stores the same states once, also after they were delivered, and the next incident anew', async () => {
    const { send, texts } = openSite();
    for (const alert of [anAlert(), anAlert(), itsEnd(anAlert()), itsEnd(anAlert()), anAlert({ startedAt: AT + 1 })]) await send([alert]);
    expect(await texts()).to.have.length(3);
    await send([anAlert()]);
    expect(await texts()).to.deep.equal([]);
  });

  it('fits what is huge into one message that shows each headline, and stores nothing once it is aborted', async () => {
    const { send, texts } = openSite();
    await send(
      Array.from({ length: 20 }, (_, at) =>
        anAlert({ key: `k${at}`, title: `Alert ${at} ${'x'.repeat(10_000)}`, detail: '\r\nword '.repeat(10_000) }),
      ),
    );
    const [text = ''] = await texts();
    expect(text.length).to.be.at.most(3_600);
    expect(text.match(/CRITICAL Alert \d+/g)).to.have.length(20);
    expect(await send([anAlert()], AbortSignal.abort()).then(() => 'stored', String)).to.include('aborted');
    expect(await texts()).to.deep.equal([]);
  });
});
