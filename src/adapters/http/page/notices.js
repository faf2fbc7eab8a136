import { dollars } from './dollars.js';
import { onChange } from './live.js';
import { plain } from './plain.js';
import { get, getHealth } from './server.js';
import { approvals } from './waiting.js';

const HEALTH_MS = 30_000;
const MOST = 3;
const byId = (id) => document.getElementById(id);

const showHealth = async () => {
  const health = byId('health');
  const { status, model, checks = [] } = (await getHealth()) ?? { status: 'not reachable' };
  health.dataset.status = status;
  if (status === 'not reachable') health.textContent = 'server not reachable';
  else health.textContent = plain(model ? `${status} · ${model}` : status);
  const details = checks.map(({ id, status, message }) => `${id}: ${status}${message ? ` (${message})` : ''}`);
  health.title = plain([`Server: ${status}`, ...(model ? [`Answers come from the model ${model}`] : []), ...details].join('\n'));
  health.setAttribute('aria-label', `Server: ${status}${model ? `. Model: ${plain(model)}` : ''}`);
};

let isUsageOffered = true;

/** What today has cost so far, where a price is known. A host that keeps no ledger is asked once. */
const showSpent = async () => {
  if (!isUsageOffered) return;
  const spent = byId('spent');
  const today = new Date().toISOString().slice(0, 10);
  let total;
  try {
    ({ total } = await get(`/api/usage?since=${today}&limit=1`));
  } catch (error) {
    isUsageOffered = error?.code !== 'usage/not-offered';
  }
  const { costUsd = 0, reservedUsd = 0 } = total ?? {};
  spent.hidden = costUsd + reservedUsd === 0;
  spent.textContent = `Today (UTC): ${dollars(costUsd)} spent${reservedUsd > 0 ? `, ${dollars(reservedUsd)} reserved` : ''}`;
};

let areAlertsOffered = true;

/** A line of what fires now. */
const showAlerts = async () => {
  if (!areAlertsOffered) return;
  const line = byId('alerts');
  try {
    const { alerts } = await get('/api/alerts');
    const firing = alerts.filter(({ state }) => state === 'firing');
    const titles = firing.slice(0, MOST).map(({ title, silencedUntil }) => `${plain(title)}${silencedUntil ? ' (silenced)' : ''}`);
    const more = firing.length > MOST ? ` and ${firing.length - MOST} more` : '';
    line.hidden = firing.length === 0;
    line.textContent = `${firing.length === 1 ? 'Alert' : 'Alerts'}: ${titles.join('; ')}${more}`;
    line.title = firing.map(({ title, detail }) => plain(`${title}. ${detail}`)).join('\n');
  } catch (error) {
    // A failed look is made good by the next one; the banner already tells of a lost connection.
    areAlertsOffered = error?.code !== 'alerts/not-offered';
    line.hidden ||= !areAlertsOffered;
  }
};

const showWaiting = (waiting) => {
  const link = byId('waiting');
  link.hidden = waiting.length === 0;
  link.textContent = `${waiting.length} to approve`;
};

/** How the server is, before anybody has shown a token. */
export const startHealth = () => {
  void showHealth();
  setInterval(() => document.hidden || void showHealth(), HEALTH_MS);
};

/** What the head of the page tells above every view: alerts, what waits for a decision, what today has cost. */
export const startNotices = () => {
  approvals.follow(showWaiting);
  approvals.load();
  void showAlerts();
  void showSpent();
  setInterval(() => document.hidden || void showSpent(), HEALTH_MS);
  onChange(({ topics }) => {
    if (topics.has('alerts')) void showAlerts();
    if (topics.has('health')) void showHealth();
  });
};

export { showHealth };
