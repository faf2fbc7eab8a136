import { addressOf, readAddress } from './address.js';

/**
 * The page shows one view at a time, and the hash addresses it: `#/promises/4` or `#/promises?status=failed`. A view is
 * a module in `views/`:
 *
 *     export const view = { name, title, topics, show(root, place) → { update?(event), close() } };
 *
 * `name` is the first part of its address, `title` its heading. `show` fills `root`, which is empty, and must not wait:
 * it says itself that it loads, that there is nothing, or why it failed. `place` says what to show: `parts` behind the
 * name, `query` as URLSearchParams. `place.setTitle(text)` replaces the heading, and `place.setQuery(fields)` the query
 * of the address, without another show. `update` is called at most once a second when one of `topics` may have
 * changed; without `topics`, at any change. `close` ends what `show` began: timers, streams.
 */
const VIEWS = {
  chats: () => import('./views/chats.js'),
  people: () => import('./views/people.js'),
  'no-chat': () => import('./views/no-chat.js'),
  promises: () => import('./views/promises.js'),
  schedules: () => import('./views/schedules.js'),
  approvals: () => import('./views/approvals.js'),
  health: () => import('./views/health.js'),
  performance: () => import('./views/performance.js'),
  alerts: () => import('./views/alerts.js'),
  messages: () => import('./views/messages.js'),
  audit: () => import('./views/audit.js'),
  log: () => import('./views/log.js'),
};

/** Shows what the hash addresses, from now on; `home()` is the place without one. Resolves when a view stands. */
export const startRouter = async ({ main, heading, home, onShown, onFailed }) => {
  let current;
  let turn = 0;

  const showHash = async () => {
    const { hash } = location;
    // An anchor within the page is no place.
    if (hash !== '' && !hash.startsWith('#/')) return;
    const mine = ++turn;
    const { name, parts, query } = hash === '' ? home() : readAddress(hash);
    let view;
    try {
      view = Object.hasOwn(VIEWS, name) ? (await VIEWS[name]()).view : MISSING;
    } catch (error) {
      if (mine === turn) onFailed(error);
      return;
    }
    if (mine !== turn) return;
    current?.shown.close();
    const root = document.createElement('div');
    root.className = `view view-${view.name}`;
    const setTitle = (title) => {
      heading.textContent = title;
      document.title = `${title} · Kept`;
    };
    setTitle(view.title);
    main.replaceChildren(heading, root);
    const setQuery = (fields) => history.replaceState(null, '', addressOf(name, parts, fields));
    current = { view, shown: view.show(root, { name, parts, query, setTitle, setQuery }) };
    onShown(view, { isFirst: mine === 1 });
  };

  addEventListener('hashchange', () => void showHash());
  await showHash();
  return {
    update: (event) => {
      if (!current) return;
      const { view, shown } = current;
      if (view.topics === undefined || view.topics.some((topic) => event.topics.has(topic))) shown.update?.(event);
    },
  };
};

const MISSING = {
  name: 'missing',
  title: 'There is no such view',
  topics: [],
  show: (root) => {
    root.textContent = 'The address names none. Choose one in the navigation.';
    return { close: () => undefined };
  },
};
