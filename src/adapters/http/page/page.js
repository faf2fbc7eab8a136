import { makeAlerts } from './alerts.js';
import { makeApprovals } from './approvals.js';
import { makeChat } from './chat.js';
import { makePerformance } from './performance.js';
import { plain } from './plain.js';
import { makePromises } from './promises.js';
import { makeSchedules } from './schedules.js';
import { follow, get, getHealth, onTokenWanted } from './server.js';

const byId = (id) => document.getElementById(id);
const HEALTH_MS = 30_000;

/** `?chat=local:2` opens another local chat; the number alone will do. */
const asked = new URLSearchParams(location.search).get('chat');
const number = /^(?:local:)?([1-9]\d{0,8})$/.exec(asked?.trim() ?? 'local:1')?.[1];
const chat = `local:${number}`;

onTokenWanted(
  (wasWrong) =>
    new Promise((resolve) => {
      const dialog = byId('token-dialog');
      byId('token-problem').hidden = !wasWrong;
      byId('token-problem').textContent = 'That is not this server’s token.';
      dialog.oncancel = (event) => event.preventDefault();
      byId('token-form').onsubmit = () => {
        resolve(byId('token').value);
        byId('token').value = '';
      };
      dialog.showModal();
    }),
);

const showTab = (tab) => {
  document.body.dataset.tab = tab;
  for (const name of ['chat', 'promises']) byId(`tab-${name}`).setAttribute('aria-pressed', String(name === tab));
};
byId('tab-chat').addEventListener('click', () => showTab('chat'));
byId('tab-promises').addEventListener('click', () => showTab('promises'));

const showHealth = async () => {
  const health = byId('health');
  const { status, model, checks = [] } = (await getHealth()) ?? { status: 'not reachable' };
  health.dataset.status = status;
  if (status === 'not reachable') health.textContent = 'server not reachable';
  else health.textContent = plain(model ? `${status} · ${model}` : status);
  const details = checks.map(({ id, status, message }) => `${id}: ${status}${message ? ` (${message})` : ''}`);
  health.title = plain([`Server: ${status}`, ...(model ? [`Answers come from the model ${model}`] : []), ...details].join('\n'));
  health.setAttribute('aria-label', `Server: ${status}${model ? `. Model: ${plain(model)}` : ''}`);
  if (status === 'healthy') conversation.endOutage();
  if (isLoaded) void showSpent();
};

/** `$0.42`; below a cent, the first digits that count. */
/** Small amounts in full, as messages tell them. */
const dollars = (usd) => `$${usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: usd < 1 ? 6 : 2 })}`;

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

const banner = byId('banner');
const approvals = makeApprovals((open) => conversation.showOpen(open));
const conversation = makeChat(chat, approvals.decide);
const schedules = makeSchedules(chat);
const promises = makePromises(chat, schedules.choose);
makePerformance();
const alerts = makeAlerts();
let isLoaded = false;
void showHealth();
setInterval(() => document.hidden || void showHealth(), HEALTH_MS);

/** An invalid chat is refused: no other chat is shown in its place. */
const refuseChat = () => {
  banner.textContent = `“${plain(asked).slice(0, 60)}” is not a local chat. Open ?chat=local:1, or another number up to 999999999.`;
  banner.hidden = false;
  byId('empty').hidden = true;
  for (const field of byId('composer').elements) field.disabled = true;
};

const tellLost = (error) => {
  banner.textContent = `Connection lost. Reconnecting… ${error?.status ? error.message : ''}`;
  banner.hidden = false;
};

/** History first, then the stream from where it ended: nothing falls between. */
const load = async () => {
  await Promise.all([conversation.load(), promises.load()]);
  isLoaded = true;
  alerts.start();
  void showSpent();
  banner.hidden = true;
};

const untilLoaded = async () => {
  for (let failures = 0; !isLoaded; failures++) {
    try {
      await load();
    } catch (error) {
      tellLost(error);
      await new Promise((resolve) => setTimeout(resolve, Math.min(10_000, 500 * 2 ** failures)));
    }
  }
};

if (number === undefined) {
  refuseChat();
  // This module ends here.
  await new Promise(() => undefined);
}
await untilLoaded();
byId('text').focus({ preventScroll: true });
await follow(`/api/chat/stream?chatId=${chat}`, {
  lastEventId: conversation.lastSequence,
  onOpen: () => {
    banner.hidden = true;
    document.body.dataset.connected = 'true';
    conversation.showDraft('');
    // The stream doesn't tell what happened to promises while it was down.
    promises.load().catch(tellLost);
    schedules.load();
    approvals.load();
    void showHealth();
  },
  onLost: (error) => {
    document.body.dataset.connected = 'false';
    tellLost(error);
    void showHealth();
  },
  onEvent: (type, data) => {
    // The stream doesn't tell of schedules, but they change with a message or with the promise that one of them makes.
    if (type !== 'draft') {
      schedules.look();
      approvals.look();
    }
    if (type === 'message') conversation.showMessage(data);
    else if (type === 'draft') conversation.showDraft(data.text);
    else if (type === 'promise') promises.show(data);
  },
});
