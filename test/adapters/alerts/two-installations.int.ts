import { expect } from 'chai';
import {
  type AlertOrigin,
  makeAlertmanagerChannel,
  makeEmailChannels,
  makeOperatorChat,
  makePagerDutyChannel,
  makeSlackChannel,
  makeWebhookChannel,
} from '../../../src/adapters/alerts/index.ts';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { chatId } from '../../../src/domain/index.ts';
import type { AlertChannel } from '../../../src/ports/index.ts';
import { makeFixedClock, makeSeededRandomness } from '../../../src/testing/index.ts';
import { openAlertmanagerStandIn } from '../../fakes/alerts/alertmanager.ts';
import { openPagerDuty, ROUTING_KEY } from '../../fakes/alerts/pagerduty.ts';
import { openSlack, SLACK_PATH } from '../../fakes/alerts/slack.ts';
import { openMailServer } from '../../fakes/alerts/smtp.ts';
import { openWebhook } from '../../fakes/alerts/webhook.ts';
import { AT, anAlert, itsEnd } from './http-channel.contract.ts';

const STAGING: AlertOrigin = { instance: '11111111-2222-4333-8444-555555555555', host: 'ada<&>' };
const PRODUCTION: AlertOrigin = { instance: 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee', host: 'bea' };
const MORE = Array.from({ length: 19 }, (_, at) => anAlert({ key: `k${at}`, title: 'T'.repeat(400), detail: 'word '.repeat(5_000) }));

const send = (channel: AlertChannel | undefined, alerts = [anAlert()]): Promise<void> =>
  channel ? channel.send(alerts, new AbortController().signal) : Promise.reject(new Error('there is no channel'));

describe('Two installations that alert by one service', () => {
  it('have an incident of their own at PagerDuty, and neither ends that of the other', async () => {
    await using service = await openPagerDuty();
    const [staging, production] = [STAGING, PRODUCTION].map((origin) =>
      makePagerDutyChannel({ routingKey: ROUTING_KEY, url: service.url, origin }),
    );
    await send(staging);
    await send(production);
    expect(service.opened()).to.equal(2);
    await send(staging, [itsEnd(anAlert())]);
    expect(service.open()).to.deep.equal([`${PRODUCTION.instance}:gateway.silent:telegram`]);
    const { payload } = JSON.parse(service.taken()[1]?.body ?? '');
    expect(payload).to.include({ source: 'bea', group: PRODUCTION.instance });
    const long = anAlert({ key: `queue.worker:${'k'.repeat(200)}` });
    await send(production, [long]);
    await send(production, [itsEnd(long), itsEnd(anAlert())]);
    expect([service.open(), service.problems()]).to.deep.equal([[], []]);
  });

  it('have an alert of their own at Alertmanager, which stays the same whichever machine leads', async () => {
    await using service = await openAlertmanagerStandIn();
    const at = (origin: AlertOrigin) => makeAlertmanagerChannel({ url: service.url, origin });
    await send(at(STAGING));
    await send(at(PRODUCTION));
    await send(at({ ...STAGING, host: 'another' }), [itsEnd(anAlert())]);
    const known = new Map([...service.known()].map(([labels, end]) => [Object.fromEntries(JSON.parse(labels)).instance, end]));
    expect([...known]).to.deep.equal([
      [STAGING.instance, '2026-11-30T12:10:00.000Z'],
      [PRODUCTION.instance, undefined],
    ]);
    expect(service.problems()).to.deep.equal([]);
  });

  it('say who speaks in a mail, a message and a header, however much there is to say', async () => {
    await using mails = await openMailServer();
    await using slack = await openSlack();
    await using webhook = await openWebhook(undefined);
    const smtp = { host: '127.0.0.1', port: mails.port, isSecure: false };
    const { unitOfWork, stores } = makeMemoryStorage();
    const chat = { chatId: chatId('telegram:501'), unitOfWork, randomness: makeSeededRandomness(1), clock: makeFixedClock(AT) };
    const [mail] = makeEmailChannels({ smtp, to: ['ann@example.org'], from: 'kept@example.org', origin: STAGING });
    await send(mail);
    expect(mails.mails()[0]?.raw).to.include('From Kept on ada<&> (11111111)');
    await send(makeSlackChannel({ url: `${slack.url}${SLACK_PATH}`, origin: STAGING }), [anAlert(), ...MORE]);
    expect(slack.problems()).to.deep.equal([]);
    expect(slack.taken()[0]?.body).to.include('From Kept on ada&lt;&amp;&gt; (11111111)');
    await send(makeOperatorChat({ ...chat, origin: STAGING }), [anAlert(), ...MORE]);
    const [item] = await stores.outbox.due(AT, 1);
    expect(item?.text.endsWith('\n\nFrom Kept on ada<&> (11111111)')).to.equal(true);
    expect(item?.text.length).to.be.at.most(3_600);
    await send(makeWebhookChannel({ url: webhook.url, origin: STAGING }));
    expect(webhook.taken()[0]?.headers['x-kept-instance']).to.equal(STAGING.instance);
  });
});
