import { expect } from 'chai';
import { returnBigInt } from 'telegram/Helpers.js';
import { Api } from 'telegram/tl/index.js';
import { makeMemoryStorage } from '../../../../src/adapters/memory/index.ts';
import { notConnected, portErrorOf, whyNot } from '../../../../src/adapters/telegram/client/errors.ts';
import { markedChannelId } from '../../../../src/adapters/telegram/client/ids.ts';
import { makePeers } from '../../../../src/adapters/telegram/client/peers.ts';
import { firstStart, loadSession, saveSession } from '../../../../src/adapters/telegram/client/session.ts';
import { derivedRandomId } from '../../../../src/adapters/telegram/outbound/random-ids.ts';
import { makeAcknowledgements } from '../../../../src/adapters/telegram/updates/acknowledgements.ts';
import { type KeyValueState, PortError, silentNotice } from '../../../../src/ports/index.ts';
import { makeFixedClock } from '../../../../src/testing/index.ts';

const rpcError = (errorMessage: string, code: number) => Object.assign(new Error(errorMessage), { errorMessage, code });
const place = (pts: number) => new Map([['place', String(pts)]]);

describe('Telegram acknowledgements', () => {
  const open = () => {
    const writes: ReadonlyMap<string, string | undefined>[] = [];
    const memory = makeMemoryStorage().state('telegram');
    let failing = 0;
    const state: KeyValueState = {
      ...memory,
      set: async (entries) => {
        if (failing-- > 0) throw new Error('full');
        writes.push(entries);
        await memory.set(entries);
      },
    };
    const clock = makeFixedClock();
    const acknowledgements = makeAcknowledgements(state, clock, silentNotice);
    return { acknowledgements, state, writes, clock, fail: (times: number) => (failing = times) };
  };

  it('store the place up to which everything is done, in whatever order it gets done', async () => {
    const { acknowledgements, state } = open();
    const [first, second, third] = [1, 2, 3].map((pts) => acknowledgements.enter('account', place(pts)));
    third?.();
    await acknowledgements.flush();
    expect(await state.get('place')).to.equal(undefined);
    first?.();
    await acknowledgements.flush();
    expect(await state.get('place')).to.equal('1');
    expect(acknowledgements.open).to.equal(2);
    second?.();
    await acknowledgements.flush();
    expect(await state.get('place')).to.equal('3');
    expect(acknowledgements.open).to.equal(0);
  });

  it('of one sequence wait for none of another', async () => {
    const { acknowledgements, state } = open();
    acknowledgements.enter('account', place(1));
    acknowledgements.enter('-100', new Map([['other', '5']]))();
    await acknowledgements.flush();
    expect(await state.get('other')).to.equal('5');
    expect(await state.get('place')).to.equal(undefined);
  });

  it('that could not be stored are stored later, never over newer ones', async () => {
    const { acknowledgements, state, clock, fail } = open();
    fail(1);
    acknowledgements.enter('account', place(1))();
    await acknowledgements.flush();
    acknowledgements.enter('account', place(2));
    expect(await state.get('place')).to.equal(undefined);
    clock.advance(1_000);
    await acknowledgements.flush();
    expect(await state.get('place')).to.equal('1');
  });

  it('are stored by themselves, many at once', async () => {
    const { acknowledgements, state, clock, writes } = open();
    for (let pts = 1; pts <= 100; pts++) acknowledgements.enter('account', place(pts))();
    clock.advance(1_000);
    await acknowledgements.flush();
    expect(await state.get('place')).to.equal('100');
    expect(writes).to.have.length(1);
  });

  it('that come while others are being stored are stored too', async () => {
    const { acknowledgements, state } = open();
    for (let pts = 1; pts <= 100; pts++) {
      acknowledgements.enter('account', place(pts))();
      if (pts % 3 === 0) await acknowledgements.flush();
    }
    await acknowledgements.flush();
    expect(await state.get('place')).to.equal('100');
  });
});

describe('Telegram errors', () => {
  it('are told in the words of the ports', () => {
    const told = (name: string, status: number) => {
      const { code, retryable, retryAfterMs, scope } = portErrorOf(rpcError(name, status));
      return [code, retryable, retryAfterMs, scope];
    };
    expect(told('FLOOD_WAIT_30', 420)).to.deep.equal(['rate-limited', true, 30_000, undefined]);
    expect(told('FLOOD_PREMIUM_WAIT_5', 420)).to.deep.equal(['rate-limited', true, 5_000, undefined]);
    expect(told('SLOWMODE_WAIT_5', 420)).to.deep.equal(['rate-limited', true, 5_000, 'chat']);
    expect(told('PEER_FLOOD', 400)).to.deep.equal(['rate-limited', true, 3_600_000, 'chat']);
    expect(told('CHAT_WRITE_FORBIDDEN', 403)).to.deep.equal(['invalid-request', false, undefined, undefined]);
    expect(told('AUTH_KEY_UNREGISTERED', 401)).to.deep.equal(['unauthorised', false, undefined, undefined]);
    expect(told('AUTH_KEY_DUPLICATED', 406)).to.deep.equal(['unauthorised', false, undefined, undefined]);
    expect(told('SOMETHING_NEW', 401)).to.deep.equal(['unauthorised', false, undefined, undefined]);
    expect(told('INTERNAL', 500)).to.deep.equal(['unavailable', true, undefined, undefined]);
    expect(told('Timeout', -503)).to.deep.equal(['unavailable', true, undefined, undefined]);
    expect(told('MSG_WAIT_FAILED', 400)).to.deep.equal(['unavailable', true, undefined, undefined]);
    expect(told('USER_MIGRATE_4', 303)).to.deep.equal(['unavailable', true, undefined, undefined]);
    expect(told('WHATEVER', 0)).to.deep.equal(['unknown', true, undefined, undefined]);
  });

  it('say once that there is no connection, however often that is passed on', () => {
    const lost = notConnected('the connection was lost');
    expect(notConnected(lost.message).message).to.equal('Telegram is not connected: the connection was lost');
    const status = `not connected (${whyNot(lost.message)}); trying again, attempt 2`;
    expect(status).to.equal('not connected (the connection was lost); trying again, attempt 2');
    expect(notConnected(status).message).to.equal('Telegram is not connected: the connection was lost');
  });

  it('that are no answer of Telegram may be anything, and their words may be secret', () => {
    const cause = new TypeError('key 0123 is broken');
    const failure = portErrorOf(cause);
    expect(failure).to.deep.include({ code: 'unknown', retryable: true, message: 'Telegram could not be used', cause });
    const known = new PortError('timeout', 'late', { retryable: true });
    expect(portErrorOf(known)).to.equal(known);
  });
});

describe('Telegram sessions', () => {
  const settings = { apiId: 1, apiHash: 'hash', account: { kind: 'bot', token: '500:of-the-test' } } as const;
  const session = { dcId: 4, host: '::1', port: 65_000, authKey: Buffer.alloc(256, 1).toString('base64') };

  it('are another’s where the account or the server is another', async () => {
    const state = makeMemoryStorage().state('telegram');
    await saveSession(state, settings, session);
    expect(await loadSession(state, settings)).to.deep.equal(session);
    expect(await loadSession(state, { ...settings, account: { kind: 'bot', token: '500:a-new-one' } })).to.deep.equal(session);
    expect(await loadSession(state, { ...settings, account: { kind: 'bot', token: '501:of-the-test' } })).to.equal(undefined);
    expect(await loadSession(state, { ...settings, account: { kind: 'user' } })).to.equal(undefined);
    expect(await loadSession(state, { ...settings, dc: { address: '127.0.0.1:443' } })).to.equal(undefined);
  });

  it('begin where the settings say', () => {
    expect(firstStart(settings)).to.deep.include({ dcId: 2, port: 443 });
    expect(firstStart({ ...settings, dc: { address: 'dc.example:8443' } })).to.deep.equal({ dcId: 2, host: 'dc.example', port: 8443 });
    expect(firstStart({ ...settings, dc: { address: '[::1]:8443' } })).to.deep.equal({ dcId: 2, host: '::1', port: 8443 });
    expect(() => firstStart({ ...settings, dc: { address: 'dc.example' } })).to.throw('host:port');
  });
});

describe('Telegram peers', () => {
  it('are groups that number their messages, or broadcasts, as was told and by the next process too', async () => {
    const state = makeMemoryStorage().state('telegram');
    const open = () => makePeers(state, makeFixedClock(), () => ({ id: 500, isBot: true }));
    const channel = (id: number, broadcast: boolean) =>
      new Api.Channel({
        id: returnBigInt(id),
        accessHash: returnBigInt(7),
        title: 'Channel',
        date: 0,
        broadcast,
        photo: new Api.ChatPhotoEmpty(),
      });
    const peers = open();
    await state.set(peers.learn([], [channel(42, true), channel(43, false)]));
    const next = open();
    await next.load();
    for (const each of [peers, next]) {
      expect(each.isSupergroup(markedChannelId(42))).to.equal(false);
      expect(each.isSupergroup(markedChannelId(43))).to.equal(true);
      expect(each.inputChannel(markedChannelId(42)).accessHash.toString()).to.equal('7');
    }
  });
});

describe('Who people on Telegram are', () => {
  const ann = new Api.User({ id: returnBigInt(7), username: 'ann' });
  for (const [what, ids] of [
    ['that person was forgotten', [7]],
    ['all were', undefined],
  ] as const)
    it(`is not learnt from an answer to what was asked before ${what}`, () => {
      const peers = makePeers(makeMemoryStorage().state('telegram'), makeFixedClock(), () => ({ id: 500, isBot: true }));
      const asked = peers.moment();
      peers.forgetUsers(ids);
      peers.learn([ann], [], asked);
      expect(peers.user(7)).to.equal(undefined);
      peers.learn([ann], [], peers.moment());
      expect(peers.user(7)?.username).to.equal('ann');
    });
});

describe('Telegram random ids', () => {
  it('of parts are always the same, each another, and 64 bits', () => {
    const ids = Array.from({ length: 1_000 }, (_, at) => derivedRandomId('-42', at));
    expect(new Set(ids).size).to.equal(1_000);
    expect(derivedRandomId('-42', 1)).to.equal(ids[1]);
    expect(derivedRandomId('-42', 1)).to.not.equal(derivedRandomId('-421', ''));
    for (const id of ids) expect(BigInt.asIntN(64, BigInt(id)).toString()).to.equal(id);
  });
});
