import { startKeys } from './keys.js';
import { onChange, startLive } from './live.js';
import { element } from './markdown.js';
import { showHealth, startHealth, startNotices } from './notices.js';
import { startRouter } from './router.js';
import { lookForSession } from './server.js';
import { startSession } from './session.js';

const byId = (id) => document.getElementById(id);

startSession({ onSignedIn: () => void showHealth() });

const [nav, menu, heading, main] = [byId('nav'), byId('menu'), byId('view-title'), byId('main')];

const openMenu = (isOpen) => {
  document.body.dataset.menu = isOpen ? 'open' : 'closed';
  menu.setAttribute('aria-expanded', String(isOpen));
};
menu.addEventListener('click', () => openMenu(document.body.dataset.menu !== 'open'));
for (const link of nav.querySelectorAll('a[data-key]')) {
  link.title = `Press g, then ${link.dataset.key}`;
  byId('keys').append(
    element('dt', {}, element('kbd', {}, 'g'), ' ', element('kbd', {}, link.dataset.key)),
    element('dd', {}, link.textContent),
  );
}
byId('help-open').addEventListener('click', () => byId('help').showModal());
byId('skip').addEventListener('click', (event) => {
  event.preventDefault();
  heading.focus();
});
startKeys({ nav, help: byId('help') });
startHealth();
void lookForSession();

/** `?chat=local:2` opens another local chat, as before there were views; the number alone will do. */
const asked = new URLSearchParams(location.search).get('chat')?.trim() ?? 'local:1';
const isChat = /^(?:local:)?[1-9]\d{0,8}$/.test(asked);

const router = await startRouter({
  main,
  heading,
  home: () => ({ name: isChat ? 'chats' : 'no-chat', parts: [asked], query: new URLSearchParams() }),
  onShown: ({ name }, { isFirst }) => {
    openMenu(false);
    for (const link of nav.querySelectorAll('a')) {
      if (link.dataset.view === name) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    if (!isFirst) heading.focus({ preventScroll: true });
    else byId('text')?.focus({ preventScroll: true });
  },
  onFailed: (error) => {
    byId('banner').textContent = `That view can’t be loaded: ${error.message}. Load the page again.`;
    byId('banner').hidden = false;
  },
});
onChange(router.update);
startNotices();
await startLive({ onOpened: () => void showHealth(), onLost: () => void showHealth() });
