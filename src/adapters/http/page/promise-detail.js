import { addressOf } from './address.js';
import { dollars } from './dollars.js';
import { element, OWN_DIRECTION, renderMarkdown } from './markdown.js';
import { makeKeyedList, makePanel } from './panel.js';
import { chatLink, renderCard, STATUS_NAMES } from './promise-card.js';
import { get } from './server.js';
import { timeElement } from './times.js';

const SENT = { pending: 'on its way', sent: 'delivered', failed: 'given up' };

/** All of one promise, as it goes on: its state, steps, cost, what it waits for, and what was said of it. */
export const showPromise = (root, place) => {
  const [id = ''] = place.parts;
  place.setTitle(`Promise #${id}`);
  const [card, facts, parents, children, steps, told] = [
    element('ol', { class: 'cards', 'aria-label': 'The promise' }),
    element('dl', { class: 'facts' }),
    element('ul', { class: 'plain' }),
    element('ul', { class: 'plain' }),
    element('ol', { class: 'steps', 'data-testid': 'steps' }),
    element('ol', { class: 'plain', 'data-testid': 'told' }),
  ];
  const showCard = makeKeyedList(card, {
    keyOf: (promise) => promise.id,
    render: (promise) => renderCard(promise, { onChanged: () => void panel.load(), everywhere: true }),
  });
  const showSteps = makeKeyedList(steps, { keyOf: ({ at, kind, place }) => `${at} ${kind} ${place}`, render: renderStep });
  const showTold = makeKeyedList(told, { keyOf: ({ id }) => id, render: renderTold });
  const sections = [
    section('Waits for', parents),
    section('Waits for it', children),
    section('Steps', steps),
    section('Told to its chat', told),
  ];
  const panel = makePanel({
    content: element('div', { class: 'detail' }, card, facts, ...sections),
    read: () => get(`/api/v1/promises/${encodeURIComponent(id)}/detail`),
    isEmpty: () => false,
    empty: '',
    show: (found) => {
      showCard([found.promise]);
      facts.replaceChildren(...factsOf(found));
      parents.replaceChildren(...found.parents.map(renderOther));
      children.replaceChildren(...found.children.map(renderOther));
      showSteps(found.steps.map((step, place) => ({ ...step, place })));
      showTold(found.told);
      for (const [at, list] of [found.parents, found.children, found.steps, found.told].entries()) sections[at].hidden = list.length === 0;
    },
  });
  root.append(panel.element);
  void panel.load();
  return { update: () => void panel.load(), close: () => undefined };
};

const section = (title, list) => element('section', {}, element('h3', {}, title), list);

const factsOf = ({ promise, workspace, cost }) => {
  const fact = (name, ...value) => [element('dt', {}, name), element('dd', OWN_DIRECTION, ...value)];
  const unpriced = cost.unpricedCalls === 0 ? '' : `, ${cost.unpricedCalls} calls without a known price`;
  const tokens = `${cost.inputTokens.toLocaleString('en-US')} tokens in, ${cost.outputTokens.toLocaleString('en-US')} out`;
  return [
    ...fact('Chat', chatLink(promise.chatId)),
    ...fact('Workspace', workspace),
    ...fact('Agent', promise.agent),
    ...fact('Attempts', String(promise.attempts)),
    ...fact('Cost', `${dollars(cost.costUsd)} for ${cost.calls} ${cost.calls === 1 ? 'call' : 'calls'}${unpriced}; ${tokens}`),
    ...(promise.messageId
      ? fact('Asked by', element('a', { href: addressOf('messages', [promise.chatId, promise.messageId]) }, promise.messageId))
      : []),
  ];
};

const renderOther = ({ id, status, taskDescription }) =>
  element(
    'li',
    OWN_DIRECTION,
    element('a', { href: addressOf('promises', [String(id)]) }, `#${id}`),
    ` ${STATUS_NAMES[status] ?? status}: ${taskDescription.slice(0, 200)}`,
  );

const renderStep = ({ kind, at, model, tool, text, input, output, outcome, stop, durationMs }) =>
  element(
    'li',
    { class: 'step', 'data-testid': 'step' },
    element(
      'p',
      { class: 'notes' },
      timeElement(at),
      ` · ${kind === 'model' ? `model ${model}` : `tool ${tool}`} · ${outcome ?? stop ?? ''}${durationMs === undefined ? '' : ` · ${durationMs} ms`}`,
    ),
    text ? element('p', OWN_DIRECTION, text) : undefined,
    input ? element('pre', { tabindex: '0', role: 'region', 'aria-label': `Input of ${tool}` }, input) : undefined,
    output ? element('pre', { tabindex: '0', role: 'region', 'aria-label': `Output of ${tool}` }, output) : undefined,
  );

const renderTold = ({ at, text, status, deliveredAt, errorMessage }) =>
  element(
    'li',
    {},
    element('p', { class: 'notes' }, timeElement(deliveredAt ?? at), ` · ${SENT[status] ?? ''}`),
    element('div', { class: 'result' }, renderMarkdown(text)),
    errorMessage ? element('p', { ...OWN_DIRECTION, class: 'error' }, errorMessage) : undefined,
  );
