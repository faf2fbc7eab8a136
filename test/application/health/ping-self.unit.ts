import { expect } from 'chai';
import { makeSelfPing } from '../../../src/application/index.ts';
import { AGENT_ID } from '../../../src/domain/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import { buildMessage, makeFixedClock, makeSeededRandomness } from '../../../src/testing/index.ts';
import { settle } from '../support/harness.ts';

const stage = (send: (nonce: string) => Promise<void> = async () => undefined) => {
  const clock = makeFixedClock();
  const nonces: string[] = [];
  const listeners = new Set<(text: string) => void>();
  const channel = {
    ping: (nonce: string) => {
      nonces.push(nonce);
      return send(nonce);
    },
    onReply: (listener: (text: string) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const selfPing = makeSelfPing({ channel, clock, randomness: makeSeededRandomness(1) });
  const own = (text: string) => buildMessage({ text, sender: { id: AGENT_ID, kind: 'self' } });
  const reply = (text: string): void => {
    for (const listener of listeners) listener(text);
  };
  return { clock, nonces, listeners, selfPing, own, reply };
};

describe('the self-ping', () => {
  it('resolves to the round trip, and leaves nothing behind', async () => {
    const { clock, nonces, listeners, selfPing, own, reply } = stage();
    const ping = selfPing.ping(5_000);
    expect(selfPing.isOutstanding(own(`ping ${nonces[0]}`))).to.equal(true);
    clock.advance(120);
    reply(`pong ${nonces[0]}: ok; up 1 s`);
    expect(await ping).to.equal(120);
    expect(selfPing.isOutstanding(own(`ping ${nonces[0]}`))).to.equal(false);
    expect(listeners.size + clock.timers).to.equal(0);
  });

  it('rejects with timeout when no answer comes, or only those to other pings', async () => {
    const { clock, nonces, listeners, selfPing, own, reply } = stage();
    const ping = selfPing.ping(5_000).catch((error: unknown) => error);
    reply('pong other: ok');
    reply(`ping ${nonces[0]}`);
    reply(`pong ${nonces[0]}x: ok`);
    reply('I have heard of pings.');
    await settle();
    clock.advance(5_000);
    expect(await ping).to.include({ code: 'timeout', retryable: true });
    expect(selfPing.isOutstanding(own(`ping ${nonces[0]}`))).to.equal(false);
    expect(listeners.size + clock.timers).to.equal(0);
  });

  it('knows its answer when several pings were gathered into one', async () => {
    const { nonces, selfPing, reply } = stage();
    const pings = [selfPing.ping(5_000), selfPing.ping(5_000)];
    reply(`pong left-over ${nonces.join(' ')}: ok`);
    expect(await Promise.all(pings)).to.deep.equal([0, 0]);
  });

  it('rejects when the ping can not be written', async () => {
    const { clock, listeners, selfPing } = stage(() => Promise.reject(new PortError('unavailable', 'no', { retryable: true })));
    expect(await selfPing.ping(5_000).catch((error: unknown) => error)).to.include({ code: 'unavailable' });
    expect(listeners.size + clock.timers).to.equal(0);
  });

  it('a foreign nonce, or words around it, is no ping of ours', async () => {
    const { nonces, selfPing, own, reply } = stage();
    const ping = selfPing.ping(5_000);
    for (const text of ['ping', 'ping other', `say ping ${nonces[0]}`, `ping ${nonces[0]} please`])
      expect(selfPing.isOutstanding(own(text)), text).to.equal(false);
    reply(`pong ${nonces[0]}: ok`);
    await ping;
  });
});
