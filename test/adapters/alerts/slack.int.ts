import { expect } from 'chai';
import { makeSlackChannel } from '../../../src/adapters/alerts/index.ts';
import { openSlack, SLACK_PATH } from '../../fakes/alerts/slack.ts';
import { anAlert, describeHttpChannel, itsEnd, LIMIT_MS } from './http-channel.contract.ts';

interface Section {
  readonly text: { readonly text: string };
}

describeHttpChannel('slack', async () => {
  const service = await openSlack();
  const at = (url: string, limitMs = LIMIT_MS) => makeSlackChannel({ url: `${url}${SLACK_PATH}`, limitMs });
  const sections = (): Section[] => service.taken().flatMap(({ body }) => JSON.parse(body).blocks as Section[]);
  const channel = at(service.url);
  // In this contract, titles say what keys say.
  const send: typeof channel.send = (alerts, signal) =>
    channel.send(
      alerts.map((alert) => ({ ...alert, title: `${alert.key.slice(0, 40)} ${alert.title}` })),
      signal,
    );
  return {
    channel: { ...channel, send },
    service,
    at,
    secrets: [SLACK_PATH, 'abcDEF0123456789abcDEF01'],
    sent: () =>
      sections().map(({ text: { text } }) => {
        const key = /(gateway\.silent:telegram|queue\.worker|storage\.disk)/.exec(text)?.[1];
        return `${text.startsWith(':white_check_mark:') ? 'resolved' : 'firing'} ${key}`;
      }),
  };
});

describe("Slack's alerts", () => {
  it('are one message, which calls nobody', async () => {
    await using service = await openSlack();
    const channel = makeSlackChannel({ url: `${service.url}${SLACK_PATH}` });
    const alerts = [itsEnd(anAlert({ title: 'Over' })), anAlert({ title: '<!channel> & *all*', detail: 'One.\nTwo <@U1>.' })];
    await channel.send(alerts, new AbortController().signal);
    expect(service.taken().map(({ body }) => JSON.parse(body))).to.deep.equal([
      {
        text: 'CRITICAL &lt;!channel&gt; &amp; *all*, and 1 more',
        blocks: [
          { type: 'section', text: { type: 'mrkdwn', text: ':white_check_mark: *OVER Over*' } },
          {
            type: 'section',
            text: { type: 'mrkdwn', text: ':red_circle: *CRITICAL &lt;!channel&gt; &amp; ∗all∗*\nOne.\nTwo &lt;@U1&gt;.' },
          },
        ],
      },
    ]);
  });

  it('say which word Slack refused them with', async () => {
    await using service = await openSlack();
    const gone = makeSlackChannel({ url: `${service.url}/services/T/B/gone` });
    const reason = await gone.send([anAlert()], new AbortController().signal).then(() => 'taken', String);
    expect(reason).to.include('Slack answered HTTP 404: no_service: look at ALERT_SLACK_WEBHOOK_URL').and.not.include('/gone');
  });

  it('did not arrive where a guest network answers with a page', async () => {
    await using service = await openSlack();
    service.failNext((_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>'));
    const reason = await makeSlackChannel({ url: `${service.url}${SLACK_PATH}` })
      .send([anAlert()], new AbortController().signal)
      .then(() => 'taken', String);
    expect(reason).to.include('a web page answers there, and no Slack');
  });
});
