import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { openSlack } from '../fakes/alerts/slack.ts';
import { openMailServer } from '../fakes/alerts/smtp.ts';
import { openWebhook } from '../fakes/alerts/webhook.ts';
import type { Site } from '../support/kept-process.ts';
import { runKept } from '../support/run-kept.ts';
import { openStorage } from '../support/sqlite-storage.ts';
import { makeStoredSite } from '../support/stored-site.ts';

const WEBHOOK_SECRET = 'whsec-0123456789abcdef';
const AT = Date.now() - 60_000;

/** A Kept that does not run, with an alert that fires and one that is over. */
const openSite = (): Promise<Site> =>
  makeStoredSite(async ({ alerts }) => {
    const fired = {
      startedAt: AT,
      firedAt: AT,
      title: 'No worker is running',
      detail: 'None \u001b[31mlives.',
      severity: 'critical',
    } as const;
    const known = { since: AT, heldMs: 0, seenAt: AT } as const;
    await alerts.put([
      { key: 'queue.worker', rule: 'queue.worker', run: 'bad', incident: fired, ...known },
      { key: 'storage.disk', rule: 'storage.disk', run: 'well', incident: { ...fired, resolvedAt: AT + 1 }, ...known },
    ]);
    await alerts.putDeliveries([
      { key: 'queue.worker', channel: 'slack', startedAt: AT, wants: 'firing', sent: 'firing', sentAt: AT, failures: 0 },
      { key: 'queue.worker', channel: 'webhook', startedAt: AT, wants: 'firing', failures: 3, dueAt: AT, lastError: 'it is down' },
    ]);
  });

describe('Alerts by command line', function () {
  this.timeout(60_000);
  let site: Site;
  before(async () => {
    site = await openSite();
  });
  after(() => site.remove());
  const alerts = (...words: string[]) => runKept(site, ['alerts', ...words]);

  it('lists what fires and who knows of it, and exits 1 while anything does', async () => {
    const { code, stdout } = await alerts();
    expect(code).to.equal(1);
    expect(stdout).to.match(/^CRITICAL No worker is running \(queue\.worker\), since 20/);
    expect(stdout).to.include('sent by slack; not sent by webhook (3 tries): it is down').and.not.include('\u001b[31m');
    expect(stdout).to.include('Nobody has looked yet').and.include('Alerts reach nobody: no channel is configured');
    expect(stdout).to.match(/^queue\.worker +firing +below 1 +2 min +critical +how many workers are alive/m);
    const listed = await alerts('list', '--json');
    const { alerts: found, isStale } = JSON.parse(listed.stdout);
    expect(listed.code).to.equal(1);
    expect(isStale).to.equal(true);
    expect(found.map(({ key, state }: { key: string; state: string }) => `${key} ${state}`)).to.deep.equal([
      'queue.worker firing',
      'storage.disk resolved',
    ]);
    expect(found[0].deliveries).to.deep.equal([
      { channel: 'slack', failures: 0, sent: 'firing' },
      { channel: 'webhook', failures: 3, lastError: 'it is down' },
    ]);
  });

  it('silences a rule for a time, and ends that', async () => {
    const silenced = JSON.parse((await alerts('silence', 'queue.worker', '--for', '2h', '--reason', 'moving', '--json')).stdout);
    expect(silenced).to.include({ target: 'queue.worker', reason: 'moving' });
    expect(Date.parse(silenced.until) - Date.now()).to.be.within(7_100_000, 7_200_000);
    expect((await alerts()).stdout)
      .to.include('queue.worker is silenced until')
      .and.include(': moving.');
    expect((await alerts('silence', 'queue.worker', '--end')).stdout).to.include('Alerts of queue.worker leave again.');
    const unknown = await alerts('silence', 'queue.workers');
    expect([unknown.code, unknown.stderr.trim()]).to.deep.equal([1, 'kept: no rule is called queue.workers: did you mean queue.worker?']);
  });

  it('sends a test through every channel, and says what came of each without its secrets', async () => {
    await using webhook = await openWebhook(WEBHOOK_SECRET);
    await using slack = await openSlack();
    await using mail = await openMailServer();
    const env = {
      ALERT_WEBHOOK_URL: webhook.url,
      ALERT_WEBHOOK_SECRET: WEBHOOK_SECRET,
      ALERT_SLACK_WEBHOOK_URL: `${slack.url}/services/T0/B0/abcDEF0123456789`,
      ALERT_EMAIL_TO: 'ann@example.org',
      SMTP_URL: `smtp://127.0.0.1:${mail.port}`,
      TELEGRAM_API_ID: '12345',
      TELEGRAM_API_HASH: '0123456789abcdef0123456789abcdef',
      TELEGRAM_BOT_TOKEN: '123456789:AAaaBBbbCCccDDddEEeeFFffGGggHHhhIIi',
      TELEGRAM_OPERATOR_CHAT: '501',
    };
    const { code, stdout, stderr } = await runKept(site, ['alerts', 'test'], { env });
    expect(stdout.trimEnd().split('\n')).to.deep.equal([
      'webhook: ok',
      'slack: Slack answered HTTP 404: no_service: look at ALERT_SLACK_WEBHOOK_URL',
      'email: ok',
      'telegram: ok, it waits in the outbox, from where the bot sends it',
    ]);
    expect([code, stderr]).to.deep.equal([1, '']);
    expect(webhook.taken().map(({ body }) => JSON.parse(body).status)).to.deep.equal(['firing', 'resolved']);
    expect(mail.mails()).to.have.length(2);
    const storage = await openStorage(site.database);
    expect((await storage.stores.outbox.stats()).pending).to.equal(2);
    await storage.close();
  });

  it('has the file of alerts checked: what, where, how to fix it', async () => {
    const file = join(site.root, 'alerts.json');
    writeFileSync(file, '{"rules": {"queue.worker": {"for": "2 minutes"}, "service.errors": {"threshold": 5}}}');
    const { code, stderr, stdout } = await runKept(site, ['config', 'check']);
    expect(code).to.equal(78);
    expect(stdout + stderr)
      .to.include('alerts.json: rules.queue.worker.for\n  this is no span of time')
      .and.include('alerts.json: rules.service.errors.threshold\n  this is not from 0 to 1')
      .and.include('write 0.05 for 5 %');
    writeFileSync(file, '{"rules": {"queue.worker": {"for": "3m"}, "service.errors": {"severity": "off"}}}');
    const mended = await runKept(site, ['config', 'check']);
    expect(mended.code).to.equal(0);
    expect(mended.stdout).to.include(`alerts      13 rules, 1 changed, 1 off (${file})`);
  });
});
