import { expect } from 'chai';
import { returnBigInt } from 'telegram/Helpers.js';
import { Api } from 'telegram/tl/index.js';
import { markedChannelId } from '../../../../src/adapters/telegram/client/ids.ts';
import {
  accountAfter,
  canApplyAlone,
  containerOrder,
  firstAccountCheckpoint,
  stepForState,
  stepForUpdate,
  topAfter,
} from '../../../../src/adapters/telegram/updates/stream-rules.ts';
import { ACCOUNT, type NumberedUpdate, type UpdateParts } from '../../../../src/adapters/telegram/updates/updates.ts';

const message = new Api.Message({ id: 7, peerId: new Api.PeerUser({ userId: returnBigInt(1) }), date: 100, message: 'hello' });
const newMessage = new Api.UpdateNewMessage({ message, pts: 0, ptsCount: 0 });
const deletion = new Api.UpdateDeleteMessages({ messages: [7], pts: 0, ptsCount: 0 });
const part = (more: Partial<NumberedUpdate>): NumberedUpdate => ({
  update: newMessage,
  stream: ACCOUNT,
  pts: 11,
  count: 1,
  messageId: 7,
  users: [],
  chats: [],
  ...more,
});
const channelId = markedChannelId(8);
const inChannel = (more: Partial<NumberedUpdate>) => part({ stream: String(channelId), channelId, ...more });
const account = { pts: 10, qts: 5, date: 100, seq: 3, top: 6, since: 50 };

describe('The step that a Telegram update asks for', () => {
  const cases = [
    ['apply: the account is right before it', part({}), account, 'apply'],
    ['apply: it brings several changes at once', part({ pts: 13, count: 3 }), account, 'apply'],
    ['apply: a stream without a checkpoint begins at it', inChannel({}), undefined, 'apply'],
    ['ignore: its message is known', part({ pts: 10, messageId: 6 }), account, 'ignore'],
    ['ignore: its number was passed, and it brings no message', part({ update: deletion, pts: 10 }), account, 'ignore'],
    ['check-stream: its number was passed, but its message is new', part({ pts: 10 }), account, 'check-stream'],
    ['check-stream: the channel begins to count again from one', inChannel({ pts: 1 }), { pts: 10, top: 6 }, 'check-stream'],
    ['hold: one update of the account is missing', part({ pts: 12 }), account, 'hold'],
    ['hold: a hundred updates of the account are missing, which the gap asks for', part({ pts: 111 }), account, 'hold'],
    ['hold: two updates of a channel are missing', inChannel({ pts: 13 }), { pts: 10, top: 6 }, 'hold'],
    ['hold: it overlaps what was applied', part({ pts: 12, count: 3 }), account, 'hold'],
    ['hold-and-fetch: three updates of a channel are missing', inChannel({ pts: 14 }), { pts: 10, top: 6 }, 'hold-and-fetch'],
    ['hold-and-fetch: no message of the channel is known yet', inChannel({ pts: 12 }), { pts: 10, top: 0 }, 'hold-and-fetch'],
    ['fetch-account: it does not tell its sender', part({ lacks: 'sender' }), account, 'fetch-account'],
    ['fetch-account: it does not tell its chat', part({ lacks: 'more' }), account, 'fetch-account'],
    ['hold: it lacks its sender, and one before it is missing', part({ pts: 12, lacks: 'sender' }), account, 'hold'],
  ] as const;
  for (const [title, update, checkpoint, step] of cases)
    it(`is ${title}`, () => {
      expect(stepForUpdate(update, checkpoint)).to.equal(step);
    });

  for (const [lacks, pts, expected] of [
    ['sender', 10, true],
    ['sender', 11, false],
    ['sender', undefined, false],
    ['more', 10, false],
  ] as const)
    it(`${expected ? 'allows' : 'forbids'} one that lacks ${lacks} alone, with the account at ${pts}`, () => {
      expect(canApplyAlone(part({ lacks }), pts === undefined ? undefined : { pts, top: 6 })).to.equal(expected);
    });
});

describe('The checkpoint behind a Telegram update', () => {
  it('moves to its number, and never back in time or to a lower message', () => {
    expect(accountAfter(account, part({ date: 99 }), topAfter(part({ messageId: 5 }), account))).to.deep.equal({ ...account, pts: 11 });
    expect(accountAfter(account, part({ date: 120 }), topAfter(part({}), account))).to.deep.equal({
      ...account,
      pts: 11,
      top: 7,
      date: 120,
    });
  });

  it('is the message of the update where the stream had none', () => {
    expect(topAfter(part({}), undefined)).to.equal(7);
    expect(topAfter({ ...part({}), messageId: 0 }, undefined)).to.equal(0);
  });
});

describe('The order of Telegram containers', () => {
  const cases = [
    ['moves the account behind the next one', { seq: { first: 4, last: 5 }, date: 120 }, { isAhead: false, seq: 5, date: 120 }],
    ['keeps the later date', { seq: { first: 4, last: 4 }, date: 90 }, { isAhead: false, seq: 4, date: 100 }],
    ['leaves the account where it is for one without a number', { date: 120 }, { isAhead: false }],
    ['leaves the account where it is for one that is known', { seq: { first: 3, last: 3 }, date: 120 }, { isAhead: false }],
    ['finds that one before it is missing', { seq: { first: 5, last: 5 }, date: 120 }, { isAhead: true }],
  ] as const;
  for (const [title, container, { isAhead, ...moved }] of cases)
    it(title, () => {
      expect(containerOrder(account, container)).to.deep.equal({
        isAhead,
        ...('seq' in moved ? { moved: { ...account, ...moved } } : {}),
      });
    });
});

describe("The step that Telegram's true state asks for", () => {
  const state = (more: object) => ({ pts: 10, qts: 5, seq: 3, ...more });
  const cases = [
    ['nothing: all is known', state({}), false, 'nothing'],
    ['nothing: a container more was sent, without a number in the streams', state({ seq: 4 }), false, 'nothing'],
    ['nothing: what is missing is waited for', state({ pts: 12 }), true, 'nothing'],
    ['fetch: something is missing', state({ pts: 12 }), false, 'fetch'],
    ['fetch: something of secret chats is missing', state({ qts: 6 }), false, 'fetch'],
    ['check: the numbers were restarted', state({ pts: 9 }), true, 'check'],
    ['check: the other numbers were restarted', state({ qts: 4 }), false, 'check'],
    ['check: the containers are numbered from one again, though more is missing', state({ pts: 12, seq: 1 }), false, 'check'],
  ] as const;
  for (const [title, found, hasGap, step] of cases)
    it(`is ${title}`, () => {
      expect(stepForState(account, found, hasGap)).to.equal(step);
    });
});

describe('The first checkpoint of a Telegram account', () => {
  const container = (...parts: UpdateParts['parts']): UpdateParts => ({ parts, users: [], chats: [], renamed: [], sent: [] });

  it('is before the updates of the account that wait', () => {
    const waiting = [container(part({ pts: 9 }), part({ pts: 10 })), container(inChannel({ pts: 3 }))];
    expect(firstAccountCheckpoint(account, waiting)).to.deep.equal({ ...account, pts: 8 });
  });

  it('is where the account is now, if nothing waits or only what comes later', () => {
    expect(firstAccountCheckpoint(account, [])).to.deep.equal(account);
    expect(firstAccountCheckpoint(account, [container(part({}), new Api.UpdatePtsChanged())])).to.deep.equal(account);
  });
});
