import { expect } from 'chai';
import { makeScriptedApi } from '../support/http-api.ts';
import { byTestId, connected, usePages } from '../support/page.ts';

describe('Alerts on the page', () => {
  const { open } = usePages();

  it('stand in a line while they fire, as plain text, and are not there otherwise', async () => {
    const scripted = makeScriptedApi();
    const firing = (key: string, title: string) =>
      ({
        key,
        rule: 'queue.worker',
        state: 'firing',
        alert: { status: 'firing', key, title, detail: 'Nobody works.', severity: 'critical', startedAt: 1 },
        deliveries: [],
      }) as const;
    scripted.api.listAlerts = async () => ({
      isStale: false,
      channels: [],
      alerts: [firing('a', 'No worker is running'), firing('b', '<b>Telegram</b> is silent')],
      rules: [],
      silences: [],
    });
    const { page, complaints } = await open({}, { scripted });
    await connected(page);
    const line = page.locator(byTestId('alerts'));
    await line.waitFor({ state: 'visible' });
    expect(await line.textContent()).to.equal('Alerts: No worker is running; <b>Telegram</b> is silent');
    const quiet = await open({}, {});
    await connected(quiet.page);
    expect(await quiet.page.locator(byTestId('alerts')).isVisible()).to.equal(false);
    expect(complaints).to.deep.equal([]);
  });
});
