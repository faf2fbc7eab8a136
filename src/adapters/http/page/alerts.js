import { plain } from './plain.js';
import { get } from './server.js';

/** The leading bot looks every 15 s. */
const LOOK_MS = 30_000;
const MOST = 3;

/** A line of what fires now. It is asked for while somebody looks at the page. */
export const makeAlerts = () => {
  const line = document.getElementById('alerts');
  let looks;

  const load = async () => {
    if (document.hidden) return;
    try {
      show(await get('/api/alerts'));
    } catch (error) {
      // A failed look is made good by the next one; the banner already tells of a lost connection.
      if (error?.code !== 'alerts/not-offered') return;
      clearInterval(looks);
      line.hidden = true;
    }
  };

  const show = ({ alerts }) => {
    const firing = alerts.filter(({ state }) => state === 'firing');
    const titles = firing.slice(0, MOST).map(({ title, silencedUntil }) => `${plain(title)}${silencedUntil ? ' (silenced)' : ''}`);
    const more = firing.length > MOST ? ` and ${firing.length - MOST} more` : '';
    line.hidden = firing.length === 0;
    line.textContent = `${firing.length === 1 ? 'Alert' : 'Alerts'}: ${titles.join('; ')}${more}`;
    line.title = firing.map(({ title, detail }) => plain(`${title}. ${detail}`)).join('\n');
  };

  return {
    start: () => {
      looks = setInterval(load, LOOK_MS);
      void load();
    },
  };
};
