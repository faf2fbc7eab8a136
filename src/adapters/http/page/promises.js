import { makeBreathe } from './breathe.js';
import { isActive, renderCard } from './promise-card.js';
import { get } from './server.js';

const LIMIT = 100;
const byId = (id) => document.getElementById(id);

/** The promises of a chat, as cards. */
export const makePromises = (chat) => {
  const cards = new Map();

  const show = (promise) => {
    const known = cards.get(promise.id);
    const seen = JSON.stringify(promise);
    if (known?.seen === seen) return;
    const made = renderCard(promise, { onChanged: show, everywhere: false });
    const wasOpen = known?.element.querySelector('details')?.open;
    if (wasOpen !== undefined && made.querySelector('details')) made.querySelector('details').open = wasOpen;
    if (known) known.element.replaceWith(made);
    else {
      const below = [...cards.keys()].filter((id) => id < promise.id);
      byId('cards').insertBefore(made, below.length === 0 ? null : cards.get(Math.max(...below)).element);
    }
    cards.set(promise.id, { promise, seen, element: made });
    summarise();
  };

  const summarise = () => {
    const active = [...cards.values()].filter(({ promise }) => isActive(promise)).length;
    byId('active').textContent = active === 0 ? '' : `${active} open`;
    byId('tab-count').textContent = String(active);
    byId('tab-count').hidden = active === 0;
    byId('none').hidden = cards.size > 0;
  };

  const load = async () => {
    const { promises } = await get(`/api/promises?limit=${LIMIT}&chatId=${chat}`);
    const breathe = makeBreathe();
    for (const promise of promises) {
      if (!byId('cards')) return;
      show(promise);
      await breathe();
    }
    summarise();
  };
  return { load, show };
};
