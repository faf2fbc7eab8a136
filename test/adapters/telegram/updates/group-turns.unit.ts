import { expect } from 'chai';
import { returnBigInt } from 'telegram/Helpers.js';
import { Api } from 'telegram/tl/index.js';
import { makeMemoryStorage } from '../../../../src/adapters/memory/index.ts';
import { portErrorOf } from '../../../../src/adapters/telegram/client/errors.ts';
import { heedWaits } from '../../../../src/adapters/telegram/client/heeded-waits.ts';
import type { Call, Link } from '../../../../src/adapters/telegram/client/link.ts';
import { makePeers } from '../../../../src/adapters/telegram/client/peers.ts';
import { probe } from '../../../../src/adapters/telegram/client/probe.ts';
import { DEFAULT_TIMING } from '../../../../src/adapters/telegram/client/settings.ts';
import { makeGroupTurns } from '../../../../src/adapters/telegram/updates/group-turns.ts';
import { type Clock, silentNotice } from '../../../../src/ports/index.ts';
import { makeFixedClock, makeSeededRandomness } from '../../../../src/testing/index.ts';

const settled = () => new Promise(setImmediate);

describe('Telegram groups that take turns', () => {
  /** Groups are asked, and answer when they are told to. */
  const open = () => {
    const clock = makeFixedClock();
    const asked: string[] = [];
    const answers = new Map<string, (restMs?: number) => void>();
    const turns = makeGroupTurns(
      clock,
      100,
      (sequence) =>
        new Promise((resolve) => {
          asked.push(sequence);
          answers.set(sequence, resolve);
        }),
    );
    const answer = async (sequence: string, restMs?: number): Promise<void> => {
      answers.get(sequence)?.(restMs);
      answers.delete(sequence);
      await settled();
    };
    return { clock, asked, turns, answer, open: () => [...answers.keys()] };
  };

  it('are asked one at a time first, then more and more side by side, up to ten', async () => {
    const { turns, answer, open: now } = open();
    for (let at = 0; at < 60; at++) turns.soon(`${at}`);
    const widths: number[] = [];
    for (let round = 0; round < 6; round++) {
      widths.push(now().length);
      for (const each of now()) await answer(each);
    }
    expect(widths.slice(0, 2)).to.deep.equal([1, 2]);
    expect(Math.max(...widths)).to.equal(10);
    expect(widths.at(-1)).to.equal(10);
  });

  it('are asked first if they are known to be behind, else one by one with a pause in between', async () => {
    const { clock, turns, asked, answer } = open();
    turns.round(['a', 'b', 'c']);
    turns.soon('known');
    await answer('a');
    expect(asked).to.deep.equal(['a', 'known']);
    await answer('known');
    clock.advance(99);
    expect(asked).to.deep.equal(['a', 'known']);
    clock.advance(1);
    expect(asked).to.deep.equal(['a', 'known', 'b']);
    turns.soon('c');
    await answer('b');
    await answer('c');
    clock.advance(1_000);
    expect(asked, 'c was asked already').to.deep.equal(['a', 'known', 'b', 'c']);
  });

  it('are not asked for as long as Telegram says, and then asked again, one at a time first', async () => {
    const { clock, turns, asked, answer, open: now } = open();
    for (const each of ['a', 'b', 'c', 'd']) turns.soon(each);
    await answer('a');
    await answer('b', 20_000);
    await answer('c', 20_000);
    expect(now()).to.deep.equal([]);
    turns.soon('e');
    clock.advance(19_999);
    expect(asked).to.deep.equal(['a', 'b', 'c']);
    clock.advance(1);
    expect(now()).to.deep.equal(['d']);
    for (const each of ['d', 'e', 'b', 'c']) await answer(each);
    expect(asked.toSorted()).to.deep.equal(['a', 'b', 'b', 'c', 'c', 'd', 'e']);
  });

  it('are asked again if they fall behind while they are asked', async () => {
    const { turns, asked, answer } = open();
    turns.soon('a');
    turns.soon('a');
    await answer('a');
    await answer('a');
    expect(asked).to.deep.equal(['a', 'a']);
  });
});

describe('Telegram’s flood waits', () => {
  it('delay every further call of that method, and of no other method', async () => {
    const clock = makeFixedClock();
    const made: string[] = [];
    const call: Call = async (request) => {
      made.push(request.className);
      throw Object.assign(new Error(), { errorMessage: 'FLOOD_WAIT_20', code: 420 });
    };
    const heeding = heedWaits(call, clock);
    const waitOf = async (request: Parameters<Call>[0]) => portErrorOf(await heeding(request).catch((error: unknown) => error));
    expect(await waitOf(new Api.updates.GetState())).to.include({ code: 'rate-limited', retryAfterMs: 20_000 });
    clock.advance(5_000);
    expect(await waitOf(new Api.updates.GetState())).to.include({ code: 'rate-limited', retryAfterMs: 15_000 });
    await waitOf(new Api.users.GetUsers({ id: [] }));
    expect(made).to.deep.equal(['updates.GetState', 'users.GetUsers']);
    clock.advance(15_000);
    await waitOf(new Api.updates.GetState());
    expect(made).to.have.length(3);
  });

  it('keep their length when the clock of the machine is set', async () => {
    const time = makeFixedClock();
    let setBy = 0;
    const clock: Clock = { now: () => time.now() + setBy, elapsed: time.now, after: time.after };
    let made = 0;
    const heeding = heedWaits(async () => {
      made += 1;
      throw Object.assign(new Error(), { errorMessage: 'FLOOD_WAIT_20', code: 420 });
    }, clock);
    const ask = () => heeding(new Api.updates.GetState()).catch(() => undefined);
    await ask();
    setBy = 60 * 60_000;
    await ask();
    expect(made, 'set forward').to.equal(1);
    setBy = -60 * 60_000;
    time.advance(20_000);
    await ask();
    expect(made, 'set back').to.equal(2);
  });
});

describe('The probe of a connection to Telegram', () => {
  it('asks again when a flood wait is over, and not before', async () => {
    const clock = makeFixedClock();
    const state = makeMemoryStorage().state('telegram');
    const base = { clock, state, notice: silentNotice, timing: DEFAULT_TIMING, randomness: makeSeededRandomness(1) };
    let asked = 0;
    const link = {
      call: async () => {
        asked += 1;
        throw Object.assign(new Error(), { errorMessage: 'FLOOD_WAIT_300', code: 420 });
      },
      close: async () => expect.fail('the connection answers'),
    } as unknown as Link;
    const end = probe({ ...base, settings: { apiId: 1, apiHash: 'x', account: { kind: 'user' } } }, link, () => undefined);
    clock.advance(30_000);
    await settled();
    clock.advance(299_999);
    await settled();
    expect(asked).to.equal(1);
    clock.advance(1);
    await settled();
    expect(asked).to.equal(2);
    end();
  });
});

describe('Telegram people', () => {
  const ann = (username: string) => new Api.User({ id: returnBigInt(101), username });

  it('keep their new name when an answer to an earlier request brings the old one', () => {
    const peers = makePeers(makeMemoryStorage().state('telegram'), makeFixedClock(), () => ({ id: 500, isBot: true }));
    peers.learn([ann('ann')], []);
    const asked = peers.moment();
    peers.forgetUsers([101]);
    peers.learn([ann('ann')], [], asked);
    expect(peers.user(101)).to.equal(undefined);
    peers.learn([ann('ann_moved')], [], peers.moment());
    expect(peers.user(101)?.username).to.equal('ann_moved');
    peers.forgetUsers();
    peers.learn([ann('ann')], [], asked);
    expect(peers.user(101)).to.equal(undefined);
    peers.learn([ann('ann_moved')], []);
    expect(peers.user(101)?.username).to.equal('ann_moved');
  });
});
