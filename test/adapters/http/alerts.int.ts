import { expect } from 'chai';
import { builtInAlertRules } from '../../../src/domain/index.ts';
import { closeAll, makeOpen } from '../../support/http-client.ts';

const AT = Date.UTC(2026, 10, 30, 12);

describe('HTTP: alerts', () => {
  const closers: (() => Promise<unknown>)[] = [];
  const open = makeOpen(closers);
  afterEach(() => closeAll(closers));

  it('tells what fires, what the rules found, and what is silenced', async () => {
    const { ask, api } = await open();
    api.listAlerts = async () => ({
      lookedAt: AT,
      isStale: false,
      channels: ['webhook'],
      alerts: [
        {
          key: 'queue.worker',
          rule: 'queue.worker',
          state: 'firing',
          alert: {
            status: 'firing',
            key: 'queue.worker',
            title: 'No worker is running',
            detail: 'None.',
            severity: 'critical',
            startedAt: AT,
          },
          silencedUntil: AT + 60_000,
          deliveries: [{ channel: 'webhook', sent: 'firing', failures: 0 }],
        },
      ],
      rules: [{ id: 'service.errors', state: 'well', settings: builtInAlertRules()['service.errors'], found: ['0 of 3 runs failed.'] }],
      silences: [{ target: 'queue.worker', until: AT + 60_000, reason: 'moving' }],
    });
    const { status, body } = await ask('GET', '/api/alerts');
    expect(status).to.equal(200);
    expect(body).to.deep.equal({
      lookedAt: '2026-11-30T12:00:00.000Z',
      isStale: false,
      channels: ['webhook'],
      alerts: [
        {
          key: 'queue.worker',
          rule: 'queue.worker',
          state: 'firing',
          title: 'No worker is running',
          detail: 'None.',
          severity: 'critical',
          startedAt: '2026-11-30T12:00:00.000Z',
          silencedUntil: '2026-11-30T12:01:00.000Z',
          deliveries: [{ channel: 'webhook', sent: 'firing', failures: 0 }],
        },
      ],
      rules: [
        {
          id: 'service.errors',
          state: 'well',
          found: ['0 of 3 runs failed.'],
          threshold: 0.05,
          windowSeconds: 300,
          forSeconds: 120,
          cooldownSeconds: 1_800,
          severity: 'error',
        },
      ],
      silences: [{ target: 'queue.worker', until: '2026-11-30T12:01:00.000Z', reason: 'moving' }],
    });
    expect((await ask('POST', '/api/alerts', {})).status).to.equal(405);
  });

  it('is said not to be offered, where nobody looks', async () => {
    const { ask, api } = await open();
    delete api.listAlerts;
    const { status, body } = await ask('GET', '/api/alerts');
    expect([status, body.error.code]).to.deep.equal([404, 'alerts/not-offered']);
  });
});
