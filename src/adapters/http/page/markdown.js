import { hostNote } from './hosts.js';
import { parse } from './parser.js';
import { plain } from './plain.js';

/**
 * Markdown as elements: CommonMark, tables, task boxes and strikethrough. Text becomes text nodes only, so nothing that
 * a model or a person writes can become part of the page.
 */

/** Gives text its own direction, that of its first letter, whatever surrounds it. */
export const OWN_DIRECTION = { dir: 'auto' };

/** An element with attributes, and with nodes or text as children. Characters that reorder text are removed. */
export const element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(name, plain(String(value)));
  made.append(...children.filter((child) => child !== undefined).map((child) => (typeof child === 'string' ? plain(child) : child)));
  return made;
};

/** The text as a fragment of blocks. */
export const renderMarkdown = (text) => {
  const out = document.createDocumentFragment();
  renderBlocks(parse(plain(text)), out);
  return out;
};

/** Elements that hold others, by the token that opens them. */
const CONTAINERS = {
  bullet_list_open: () => element('ul'),
  ordered_list_open: (token) => element('ol', { start: token.attrGet('start') ?? undefined }),
  list_item_open: () => element('li', OWN_DIRECTION),
  blockquote_open: () => element('blockquote', OWN_DIRECTION),
  // The page has two levels of headings of its own above.
  heading_open: ({ tag }) => element(`h${Math.min(6, Number(tag.slice(1)) + 2)}`, OWN_DIRECTION),
  paragraph_open: () => element('p', OWN_DIRECTION),
  table_open: () => element('table'),
  thead_open: () => element('thead'),
  tbody_open: () => element('tbody'),
  tr_open: () => element('tr'),
  th_open: (token) => element('th', { ...OWN_DIRECTION, class: alignmentOf(token) }),
  td_open: (token) => element('td', { ...OWN_DIRECTION, class: alignmentOf(token) }),
};
const INLINE = {
  strong_open: () => element('strong'),
  em_open: () => element('em'),
  s_open: () => element('s'),
  link_open: (token) => element('a', linkTo(token.attrGet('href'))),
};

const renderBlocks = (tokens, out) => {
  const stack = [out];
  for (const [i, token] of tokens.entries()) {
    const parent = stack.at(-1);
    // In a list whose items stand close together, a paragraph is nothing but its text.
    if (token.hidden) continue;
    else if (token.nesting === 1) {
      const made = CONTAINERS[token.type](token);
      parent.append(token.type === 'table_open' ? element('div', { class: 'wide', tabindex: '0' }, made) : made);
      stack.push(made);
    } else if (token.nesting === -1) stack.pop();
    else if (token.type === 'inline') {
      if (tokens[i - 2]?.type === 'list_item_open')
        makeTaskBox(
          token.children[0],
          stack.findLast(({ tagName }) => tagName === 'LI'),
          parent,
        );
      renderInline(token.children, parent);
    } else if (token.type === 'hr') parent.append(element('hr'));
    else parent.append(fence(token));
  }
};

const renderInline = (tokens, out) => {
  const stack = [out];
  for (const token of tokens) {
    const parent = stack.at(-1);
    if (token.nesting === 1) {
      const made = INLINE[token.type](token);
      parent.append(made);
      stack.push(made);
    } else if (token.nesting === -1) endInline(token, stack.pop());
    else if (token.type === 'softbreak' || token.type === 'hardbreak') parent.append('\n');
    else if (token.type === 'code_inline') parent.append(element('code', OWN_DIRECTION, token.content));
    else if (token.type === 'image') parent.append(image(token, stack));
    else parent.append(plain(token.content));
  }
};

const endInline = (token, made) => {
  if (token.type !== 'link_close') return;
  made.append(plain(hostNote(made.getAttribute('href'), made.textContent)));
};

const linkTo = (href) => ({ ...OWN_DIRECTION, href, target: '_blank', rel: 'noopener noreferrer nofollow', title: href });

/**
 * The page loads nothing from elsewhere: of an image it shows the description, as a link where it is not within one
 * already.
 */
const image = (token, stack) => {
  const address = token.attrGet('src');
  const words = token.content.trim() || address;
  const isWithinLink = stack.some(({ tagName }) => tagName === 'A');
  return isWithinLink ? plain(words) : element('a', linkTo(address), words + hostNote(address, words));
};

const BOX = /^\[([ xX])\]\s+/;

/** `[ ]` or `[x]` at the beginning of an item is a box that is ticked or not, and can't be changed from here. */
const makeTaskBox = (first, item, parent) => {
  const box = first?.type === 'text' ? BOX.exec(first.content) : null;
  if (!box) return;
  first.content = first.content.slice(box[0].length);
  item.className = 'task-item';
  const isDone = box[1] !== ' ';
  parent.append(
    element('input', { type: 'checkbox', disabled: '', checked: isDone ? '' : undefined, 'aria-label': isDone ? 'done' : 'not done' }),
    ' ',
  );
};

const fence = ({ info, content }) => {
  const language = /^[\w+#.-]{1,40}/.exec(info.trim())?.[0];
  const label = language === undefined ? undefined : element('span', { class: 'language' }, language);
  const block = element('pre', { tabindex: '0', dir: 'ltr' }, element('code', {}, content.replace(/\n$/, '')));
  return element('div', { class: 'fence' }, label, block);
};

const alignmentOf = (token) => /^text-align:(\w+)$/.exec(token.attrGet('style') ?? '')?.[1];
