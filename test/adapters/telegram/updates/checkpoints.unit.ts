import { expect } from 'chai';
import { returnBigInt } from 'telegram/Helpers.js';
import { Api } from 'telegram/tl/index.js';
import { makeMemoryStorage } from '../../../../src/adapters/memory/index.ts';
import { markedChannelId } from '../../../../src/adapters/telegram/client/ids.ts';
import { makeCheckpoints } from '../../../../src/adapters/telegram/updates/checkpoints.ts';

const ID = 8;
const group = markedChannelId(ID);
const channel = (more: Partial<ConstructorParameters<typeof Api.Channel>[0]> = {}) =>
  new Api.Channel({ id: returnBigInt(ID), title: 'Group', photo: new Api.ChatPhotoEmpty(), date: 100, ...more });
const admin = channel({ adminRights: new Api.ChatAdminRights({}) });

/** The places of an account that has heard of one group. */
const makeStage = (isToldAll: boolean) => {
  const places = makeCheckpoints(makeMemoryStorage().state('telegram'), () => isToldAll);
  places.moveChannel(group, { pts: 1, top: 1 });
  return places;
};

describe('The history of a Telegram group', () => {
  it('ends when a bot in privacy mode is first told of everything', () => {
    const places = makeStage(false);
    places.see([channel()], 200);
    expect(places.historyOf(group).allSince).to.equal(undefined);
    places.see([admin], 300);
    places.see([admin], 400);
    expect(places.historyOf(group).allSince).to.equal(300);
  });

  it('never ends later for an account that was always told of everything', () => {
    const places = makeStage(true);
    for (const now of [200, 300]) places.see([channel()], now);
    expect(places.historyOf(group).allSince).to.equal(undefined);
  });

  it('ends when the account joined, not when it left', () => {
    const places = makeStage(true);
    places.see([channel()], 200);
    // https://core.telegram.org/constructor/channel: of a group that it is not in, the date is another one.
    places.see([channel({ date: 500, left: true })], 600);
    expect(places.historyOf(group).since).to.equal(100);
    places.see([channel({ date: 700 })], 800);
    expect(places.historyOf(group).since).to.equal(700);
  });
});
