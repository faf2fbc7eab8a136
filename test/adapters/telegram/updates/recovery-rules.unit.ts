import { expect } from 'chai';
import { returnBigInt } from 'telegram/Helpers.js';
import { Api } from 'telegram/tl/index.js';
import { markedChannelId } from '../../../../src/adapters/telegram/client/ids.ts';
import {
  afterAccountFailure,
  afterChannelFailure,
  byStream,
  checkpointBefore,
  differenceLimit,
  freshOf,
  historyEnd,
  isElsewhere,
  latestDate,
  planOfCheck,
} from '../../../../src/adapters/telegram/updates/recovery-rules.ts';
import { type NumberedUpdate, numberingOf } from '../../../../src/adapters/telegram/updates/updates.ts';

const ID = returnBigInt(8);
const message = (date: number, editDate?: number) =>
  new Api.Message({
    id: 7,
    peerId: new Api.PeerChannel({ channelId: ID }),
    date,
    message: 'hello',
    ...(editDate === undefined ? {} : { editDate }),
  });
const said = (date: number) => new Api.UpdateNewChannelMessage({ message: message(date), pts: 500, ptsCount: 1 });
const edited = (date: number, at: number) => new Api.UpdateEditChannelMessage({ message: message(date, at), pts: 501, ptsCount: 1 });
const deleted = new Api.UpdateDeleteChannelMessages({ channelId: ID, messages: [7], pts: 502, ptsCount: 1 });
const tooLong = new Api.UpdateChannelTooLong({ channelId: ID });
const direct = new Api.UpdateNewMessage({
  message: new Api.Message({ id: 9, peerId: new Api.PeerUser({ userId: returnBigInt(1) }), date: 100, message: 'hello' }),
  pts: 0,
  ptsCount: 0,
});
const numbered = (update: Api.TypeUpdate): NumberedUpdate => {
  const part = numberingOf(update, [], []);
  expect(part).to.not.equal(undefined);
  return part as NumberedUpdate;
};

describe('What is new in a batch of Telegram updates', () => {
  it('leaves out messages from before the end of history, and keeps edits made since and deletions', () => {
    const updates = [said(99), said(100), edited(50, 120), edited(50, 99), deleted];
    expect(freshOf(updates, 100)).to.deep.equal([said(100), edited(50, 120), deleted]);
    expect(freshOf(updates)).to.deep.equal(updates);
  });

  it('tells the latest date, which is never before the known one', () => {
    expect(latestDate([said(99), edited(50, 120), deleted], 100)).to.equal(120);
    expect(latestDate([said(99), deleted], 100)).to.equal(100);
    expect(latestDate([], 100)).to.equal(100);
  });

  it('parts the updates of channels from those of the account', () => {
    const found = byStream({ updates: [direct, said(100), tooLong, deleted], users: [], chats: [] });
    expect(found.ours).to.deep.equal([direct]);
    expect(found.tooLong).to.deep.equal([tooLong]);
    expect(found.ofChannels.map(({ part, channelId }) => [part.pts, channelId])).to.deep.equal([
      [500, markedChannelId(8)],
      [502, markedChannelId(8)],
    ]);
  });
});

describe('The first checkpoint of a Telegram channel', () => {
  const chat = (more: object = {}) => new Api.Channel({ id: ID, title: 'Group', photo: new Api.ChatPhotoEmpty(), date: 300, ...more });

  for (const [title, update, isBot, expected] of [
    ['is a hundred before an update that a person sees', said(200), false, { pts: 399, newest: 200 }],
    ['is never before the beginning', said(200), true, { pts: 1, newest: 200 }],
    ['bounds history by new messages alone', deleted, false, { pts: 401, newest: Number.POSITIVE_INFINITY }],
  ] as const)
    it(title, () => {
      expect(checkpointBefore(numbered(update), isBot)).to.deep.equal(expected);
    });

  it('is a thousand before an update that a bot sees', () => {
    expect(checkpointBefore({ ...numbered(said(200)), pts: 5_000 }, true).pts).to.equal(3_999);
  });

  for (const [title, channel, since, newest, expected] of [
    ['ends history when the account joined', chat(), 100, undefined, 300],
    ['ends history when the account was connected, if it had joined before', chat(), 400, undefined, 400],
    ['ends history when the account was connected, if no one tells when it joined', undefined, 400, undefined, 400],
    ['does not trust the date of a channel that is told in short', chat({ min: true }), 100, undefined, 100],
    ['ends history before a message that was pushed', chat(), 400, 200, 200],
    ['ends history nowhere before the account was connected', undefined, undefined, undefined, 0],
  ] as const)
    it(title, () => {
      expect(historyEnd(channel, since, newest)).to.equal(expected);
    });

  it('is not where a channel is that has none, or another number, or an unknown one', () => {
    expect(isElsewhere(undefined, 10)).to.equal(true);
    expect(isElsewhere({ pts: 10 }, 11)).to.equal(true);
    expect(isElsewhere({ pts: 10 }, 9)).to.equal(true);
    expect(isElsewhere({ pts: 10 }, undefined)).to.equal(true);
    expect(isElsewhere({ pts: 0 }, 0)).to.equal(true);
    expect(isElsewhere({ pts: 10 }, 10)).to.equal(false);
  });

  it('is followed by differences as long as Telegram allows a bot and a person', () => {
    expect([true, false].map(differenceLimit)).to.deep.equal([100_000, 100]);
  });
});

describe("The plan of a check of Telegram's account stream", () => {
  const known = { pts: 10, qts: 5, date: 100, seq: 3, top: 6, since: 50 };
  for (const [title, now, plan] of [
    ['asks by number when the numbers were restarted', { pts: 9, qts: 1, seq: 1 }, 'by-number'],
    ['does nothing when nothing happened', {}, { fetch: false }],
    ['fetches when something is missing', { pts: 12, qts: 6, seq: 4 }, { fetch: true }],
    ['leaves higher counters to the difference', { qts: 6, seq: 4 }, { fetch: false }],
    ['takes over a lower qts', { qts: 1 }, { counters: { ...known, qts: 1 }, fetch: false }],
    ['takes over a lower seq, and fetches', { pts: 12, seq: 1 }, { counters: { ...known, seq: 1 }, fetch: true }],
  ] as const)
    it(title, () => {
      expect(planOfCheck(known, { ...known, date: 200, ...now })).to.deep.equal(plan);
    });
});

describe('What follows a failed fetch of a Telegram stream', () => {
  for (const [code, hasCheckpoint, step] of [
    ['unavailable', true, 'retry'],
    ['rate-limited', true, 'retry'],
    ['invalid-request', false, 'retry'],
    ['invalid-request', true, 'restart'],
  ] as const)
    it(`is ${step} for the account after ${code}, ${hasCheckpoint ? 'with' : 'without'} a checkpoint`, () => {
      expect(afterAccountFailure(code, hasCheckpoint)).to.equal(step);
    });

  for (const [code, isTelegrams, step] of [
    ['unavailable', true, 'retry'],
    ['unavailable', false, 'pause-all'],
    ['rate-limited', true, 'pause-all'],
    ['rate-limited', false, 'pause-all'],
    ['invalid-request', true, 'forget'],
    ['invalid-request', false, 'forget'],
  ] as const)
    it(`is ${step} for a channel after ${code}, ${isTelegrams ? 'as Telegram said' : 'as the connection failed'}`, () => {
      expect(afterChannelFailure(code, isTelegrams)).to.equal(step);
    });
});
