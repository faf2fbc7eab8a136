import { expect } from 'chai';
import { configOf, loadWith, onlyProblem, problemsOf } from './loaded-config.ts';

const KEY = 'R0123456789ABCDEFGHIJKLMNOPQRSTU';
const SLACK = 'https://hooks.slack.com/services/T00000000/B00000000/abcDEF0123456789abcDEF01';

describe('The variables of alert channels', () => {
  it('name no road by default', () => {
    expect(configOf(loadWith({})).alertChannels).to.deep.equal({});
  });

  it('name each road by its own', () => {
    const config = configOf(
      loadWith({
        ALERT_WEBHOOK_URL: 'https://example.org/hook?key=a',
        ALERT_WEBHOOK_SECRET: 'whsec-1234567890',
        ALERT_SLACK_WEBHOOK_URL: SLACK,
        ALERT_PAGERDUTY_ROUTING_KEY: KEY,
        ALERT_PAGERDUTY_URL: 'http://127.0.0.1:1234/',
        ALERT_EMAIL_TO: 'ann@example.org, ben@example.org',
        SMTP_URL: 'smtp://kept%40example.org:p%3Aw%20d-123@mail.example.org',
        ALERTMANAGER_URL: 'http://127.0.0.1:9093/api/v2/alerts',
        ALERT_DEADMAN_URL: 'https://hc-ping.com/3f1b0c52-9a77-4f0e-8f0b-2f6d1c9d7a55',
      }),
    );
    expect(config.alertChannels).to.deep.equal({
      webhook: { url: 'https://example.org/hook?key=a', secret: 'whsec-1234567890' },
      slack: { url: SLACK },
      pagerDuty: { routingKey: KEY, url: 'http://127.0.0.1:1234' },
      email: {
        smtp: { host: 'mail.example.org', port: 587, isSecure: false, user: 'kept@example.org', password: 'p:w d-123' },
        to: ['ann@example.org', 'ben@example.org'],
        from: 'kept@example.org',
      },
      alertmanager: { url: 'http://127.0.0.1:9093' },
      deadMan: { url: 'https://hc-ping.com/3f1b0c52-9a77-4f0e-8f0b-2f6d1c9d7a55' },
    });
    const hidden = ['abcDEF0123456789abcDEF01', SLACK, KEY, 'p:w d-123', '3f1b0c52-9a77-4f0e-8f0b-2f6d1c9d7a55', 'whsec-1234567890'];
    hidden.push(
      Buffer.from('kept@example.org:p:w d-123').toString('base64'),
      Buffer.from('\0kept@example.org\0p:w d-123').toString('base64'),
    );
    expect(config.secrets).to.include.members(hidden);
    expect(config.secrets).not.to.include.members(['services', 'ping', 'hook']);
  });

  it('say who mails are from: a variable, the user of the server, or the first who gets them', () => {
    const from = (more: Record<string, string>): string | undefined =>
      configOf(loadWith({ ALERT_EMAIL_TO: 'ann@example.org', ...more })).alertChannels.email?.from;
    expect(from({ SMTP_URL: 'smtps://h', ALERT_EMAIL_FROM: 'kept@example.org' })).to.equal('kept@example.org');
    expect(from({ SMTP_URL: 'smtps://apikey:0123456789@h' })).to.equal('ann@example.org');
    expect(configOf(loadWith({ ALERT_EMAIL_TO: 'a@b.c', SMTP_URL: 'smtps://[::1]' })).alertChannels.email?.smtp).to.deep.equal({
      host: '::1',
      port: 465,
      isSecure: true,
    });
  });

  for (const [name, value, problem] of [
    ['ALERT_WEBHOOK_URL', 'ftp://secret-0123456789', 'is not an http or https address'],
    ['ALERTMANAGER_URL', 'http://ann:%zz@host-0123456789', 'holds a % that stands for no character'],
    ['SMTP_URL', 'http://secret-0123456789', 'is not the address of a mail server'],
    ['SMTP_URL', 'smtp://ann@host-0123456789', 'holds a user name without a password, or a password without a user name'],
    ['SMTP_URL', 'smtp://host-0123456789/?tls.rejectUnauthorized=false', 'holds more than a host and a port'],
    ['ALERT_EMAIL_TO', 'ann@example.org\r\nBcc: eve@example.org', 'holds what is no e-mail address'],
    ['ALERT_EMAIL_TO', 'not-an-address-0123456789', 'holds what is no e-mail address'],
    ['ALERT_EMAIL_TO', 'ann@example.org', 'is set, and no mail server is: nobody would get a mail'],
  ] as const)
    it(`refuse ${JSON.stringify(value)} as ${name}, and quote nothing`, () => {
      const found = onlyProblem(loadWith({ [name]: value }));
      expect([found.place, found.problem, found.severity]).to.deep.equal([name, problem, 'error']);
      expect(`${found.problem} ${found.hint}`).not.to.include('0123456789');
    });

  it('warn of what has no effect', () => {
    const env = { ALERT_WEBHOOK_SECRET: 'whsec-1234567890', ALERT_PAGERDUTY_URL: 'https://events.eu.pagerduty.com', SMTP_URL: 'smtp://h' };
    expect(problemsOf(loadWith(env)).map(({ place, severity }) => `${severity} ${place}`)).to.deep.equal([
      'warning ALERT_WEBHOOK_SECRET',
      'warning ALERT_PAGERDUTY_URL',
      'warning SMTP_URL',
    ]);
  });
});
