import { expect } from 'chai';
import { firstFeedState, nextFeedState } from '../../../../src/adapters/telegram/updates/feed-state.ts';
import { QUIET_MS } from '../../../../src/adapters/telegram/updates/silence.ts';

describe('The state of the Telegram feed', () => {
  const lost = firstFeedState(1_000);
  const connected = { heardAt: 2_000, isLost: false, isRoundDue: true };
  const running = { ...connected, isRoundDue: false };
  const later = 2_000 + QUIET_MS;
  const cases = [
    ['holds updates back that come before the connection is up', lost, 'pushed', 3_000, { ...lost, heardAt: 3_000 }, 'hold-updates'],
    ['asks all channels after a connection, once', lost, 'connected', 2_000, connected, undefined],
    ['asks all channels when the account is up to date', connected, 'up-to-date', 3_000, running, 'ask-all-channels'],
    ['asks no channel when the account is up to date again', running, 'up-to-date', 3_000, running, undefined],
    ['takes updates while it is connected', running, 'pushed', 3_000, { ...running, heardAt: 3_000 }, undefined],
    ['knows that the connection is lost', running, 'lost', 3_000, { ...running, isLost: true }, undefined],
    [
      'holds updates back after a loss',
      { ...running, isLost: true },
      'pushed',
      3_000,
      { ...running, heardAt: 3_000, isLost: true },
      'hold-updates',
    ],
    ['keeps the round that is due over a loss', connected, 'lost', 3_000, { ...connected, isLost: true }, undefined],
    ['asks no channel before a quarter of an hour is quiet', running, 'compared', later - 1, running, undefined],
    ['asks all channels after a quiet quarter of an hour', running, 'compared', later, { ...running, heardAt: later }, 'ask-all-channels'],
  ] as const;
  for (const [title, before, event, now, state, effect] of cases)
    it(title, () => {
      const next = nextFeedState(before, event, now);
      expect(next.state).to.deep.equal(state);
      expect(next.effect).to.equal(effect);
    });
});
