import { element, OWN_DIRECTION } from '../markdown.js';
import { makeKeyedList, makePanel } from '../panel.js';
import { plain } from '../plain.js';
import { get } from '../server.js';
import { timeElement } from '../times.js';

/** What the rules of alerts have found. */
export const view = {
  name: 'alerts',
  title: 'Alerts',
  topics: ['alerts'],
  show: (root) => {
    const cards = element('ol', { class: 'cards', 'aria-label': 'Alerts' });
    const showAll = makeKeyedList(cards, { keyOf: ({ key }) => key, render: renderAlert });
    const panel = makePanel({
      content: cards,
      read: () => get('/api/alerts'),
      isEmpty: ({ alerts }) => alerts.length === 0,
      empty: 'Nothing fires.',
      show: ({ alerts }) => showAll(alerts),
    });
    root.append(panel.element);
    void panel.load();
    return { update: () => void panel.load(), close: () => undefined };
  },
};

const renderAlert = ({ key, title, detail, state, severity, startedAt, silencedUntil }) =>
  element(
    'li',
    { class: `card ${state === 'firing' ? 'failed' : ''}`, 'data-testid': 'alert' },
    element(
      'p',
      { class: 'card-head' },
      ...[element('span', { class: 'status' }, silencedUntil ? `${state}, silenced` : state), element('span', { class: 'type' }, severity)],
    ),
    element('p', { ...OWN_DIRECTION, class: 'task' }, plain(title ?? key)),
    element('p', { ...OWN_DIRECTION, class: 'notes' }, plain(detail ?? '')),
    startedAt ? element('p', { class: 'times' }, 'since ', timeElement(startedAt)) : undefined,
  );
