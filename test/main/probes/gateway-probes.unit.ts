import { expect } from 'chai';
import type { TelegramRights } from '../../../src/adapters/telegram/index.ts';
import { makeEvents, makeRunProbes } from '../../../src/application/index.ts';
import type { CheckStatus } from '../../../src/domain/index.ts';
import { gatewayProbes } from '../../../src/main/probes/gateway-probes.ts';
import { makeLastHeard } from '../../../src/main/probes/last-heard.ts';
import { buildPolicy, makeFixedClock, telegramChat, telegramMessage, telegramUser } from '../../../src/testing/index.ts';

const RIGHTS: TelegramRights = { isBot: true, privacyMode: false, groups: [] };

const stage = () => {
  const clock = makeFixedClock();
  const events = makeEvents();
  let asked = 0;
  let status: CheckStatus = 'ok';
  let fails = false;
  const telegram = {
    name: 'telegram',
    health: () => ({ id: 'gateway.telegram', status, message: status === 'ok' ? 'connected as @kept_bot' : 'not connected' }),
    pingServer: async () => 7,
    rights: async () => {
      asked++;
      if (fails) throw new Error('FLOOD_WAIT_30');
      return RIGHTS;
    },
  };
  const probes = gatewayProbes({
    bot: async () => ({ telegram, selfPing: { ping: async () => 40 }, localChat: { list: async () => [] } }),
    leader: () => undefined,
    policy: buildPolicy(),
    hasTelegram: true,
    heard: makeLastHeard(clock, events),
    clock,
  });
  const run = makeRunProbes({ clock });
  return {
    clock,
    events,
    asked: () => asked,
    set: (next: CheckStatus) => {
      status = next;
    },
    fail: (next: boolean) => {
      fails = next;
    },
    look: async () => new Map((await run(probes)).map(({ check }) => [check.id, check])),
  };
};

describe('the probes of gateways', () => {
  it('ask what Telegram lets the account do once a minute at the most, and again after a failure', async () => {
    const { look, clock, asked, fail } = stage();
    fail(true);
    expect((await look()).get('gateway.telegram-rights')?.message).to.include('FLOOD_WAIT_30');
    fail(false);
    for (let n = 0; n < 3; n++) expect((await look()).get('gateway.telegram-rights')?.status).to.equal('ok');
    expect(asked()).to.equal(2);
    clock.advance(59_999);
    await look();
    expect(asked()).to.equal(2);
    clock.advance(1);
    await look();
    expect(asked()).to.equal(3);
  });

  it('ask nothing over a connection that is down: one line says so', async () => {
    const { look, set, asked } = stage();
    set('fail');
    const checks = await look();
    expect([...checks.values()].filter(({ status }) => status === 'fail').map(({ id }) => id)).to.deep.equal(['gateway.telegram']);
    expect(checks.get('gateway.telegram-round-trip')).to.include({ status: 'skipped' });
    expect(asked()).to.equal(0);
  });

  it('say when the last message of each gateway came', async () => {
    const { look, events, clock } = stage();
    expect((await look()).get('gateway.telegram')?.message).to.equal('connected as @kept_bot');
    events.emit({
      type: 'message-received',
      chatId: telegramChat(501),
      messageId: telegramMessage(1),
      senderId: telegramUser(501),
      rule: 'whitelisted-id',
      path: 'dm_whitelist',
    } as never);
    clock.advance(240_000);
    const checks = await look();
    expect(checks.get('gateway.telegram')?.message).to.equal('connected as @kept_bot; the last message came 4 min ago');
    expect(checks.get('gateway.local')?.message).to.equal('answers');
  });
});
