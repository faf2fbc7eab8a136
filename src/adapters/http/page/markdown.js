import { plain } from './plain.js';

/**
 * A small, safe Markdown: fences, headings, lists, quotes, bold, italic, strikethrough, inline code and web links. Text becomes text nodes and nothing
 * else, so whatever a model or a person writes can't become part of the page.
 */

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([\w+#.-]*)[^`]*$/;
const HEADING = /^(#{1,6})\s+(.*)$/;
const ITEM = /^\s*(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/;
const QUOTE = /^>\s?(.*)$/;

/** Text in a direction of its own, that of its first letter, whatever stands around it. */
export const OWN_DIRECTION = { dir: 'auto' };

/** `tag`, with attributes, and children that are nodes or text. Nothing in them reorders what is read. */
export const element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(name, plain(String(value)));
  made.append(...children.filter((child) => child !== undefined).map((child) => (typeof child === 'string' ? plain(child) : child)));
  return made;
};

/** The text as a fragment of blocks. */
export const renderMarkdown = (text) => {
  const out = document.createDocumentFragment();
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  for (let i = 0; i < lines.length; ) {
    const fence = FENCE.exec(lines[i]);
    if (fence) i = renderFence(out, lines, i, fence);
    else if (lines[i].trim() === '') i++;
    else if (HEADING.test(lines[i])) {
      const [, marks, words] = HEADING.exec(lines[i++]);
      out.append(element(`h${Math.min(6, marks.length + 2)}`, OWN_DIRECTION, ...inline(words)));
    } else if (ITEM.test(lines[i])) i = renderList(out, lines, i);
    else if (QUOTE.test(lines[i])) {
      const quoted = take(lines, i, (line) => QUOTE.test(line));
      out.append(element('blockquote', OWN_DIRECTION, ...inline(quoted.map((line) => QUOTE.exec(line)[1]).join('\n'))));
      i += quoted.length;
    } else {
      const words = take(
        lines,
        i,
        (line, first) => first || (line.trim() !== '' && !FENCE.test(line) && !ITEM.test(line) && !QUOTE.test(line)),
      );
      out.append(element('p', OWN_DIRECTION, ...inline(words.join('\n'))));
      i += words.length;
    }
  }
  return out;
};

const take = (lines, from, fits) => {
  let to = from;
  while (to < lines.length && fits(lines[to], to === from)) to++;
  return lines.slice(from, to);
};

/** An unclosed fence reaches to the end: so does one that still grows. */
const renderFence = (out, lines, from, [, marks, language]) => {
  const closes = (line) => {
    const end = line.trim();
    return end.length >= marks.length && end === marks[0].repeat(end.length);
  };
  const code = take(lines, from + 1, (line) => !closes(line));
  const label = language === '' ? undefined : element('span', { class: 'language' }, language);
  const block = element('pre', { tabindex: '0', dir: 'ltr' }, element('code', {}, code.join('\n')));
  out.append(element('div', { class: 'fence' }, label, block));
  return from + code.length + 2;
};

const renderList = (out, lines, from) => {
  const items = [];
  let i = from;
  for (; i < lines.length; i++) {
    const item = ITEM.exec(lines[i]);
    if (item) items.push([item[2]]);
    else if (/^\s{2,}\S/.test(lines[i]) && !FENCE.test(lines[i])) items.at(-1).push(lines[i].trim());
    else break;
  }
  const start = ITEM.exec(lines[from])[1];
  const made = items.map((words) => element('li', OWN_DIRECTION, ...inline(words.join('\n'))));
  out.append(start === undefined ? element('ul', {}, ...made) : element('ol', { start }, ...made));
  return i;
};

const SPAN =
  /(?<ticks>`+)(?<code>[^\n]*?[^`\n])\k<ticks>(?!`)|\*\*(?<bold>[^\s*](?:[^\n]{0,2000}?[^\s])?)\*\*|~~(?<gone>[^\s~](?:[^\n]{0,2000}?[^\s~])?)~~|(?<![\w*])[*_](?<italic>[^\s*_](?:[^\n*_]{0,2000}[^\s*_])?)[*_](?![\w*])|\[(?<label>[^\]\n]{1,300})\]\((?<target>https?:\/\/[^\s()<>]{1,2000})\)|(?<url>https?:\/\/[^\s<>"'`]{1,2000}[^\s<>"'`.,;:!?)\]}])/g;

const inline = (text) => {
  const out = [];
  let from = 0;
  for (const match of text.matchAll(SPAN)) {
    if (match.index > from) out.push(text.slice(from, match.index));
    from = match.index + match[0].length;
    const { code, bold, gone, italic, label, target, url } = match.groups;
    if (code !== undefined) out.push(element('code', OWN_DIRECTION, code.replace(/^ (.*\S.*) $/, '$1')));
    else if (bold !== undefined) out.push(element('strong', {}, ...inline(bold)));
    else if (gone !== undefined) out.push(element('s', {}, ...inline(gone)));
    else if (italic !== undefined) out.push(element('em', {}, ...inline(italic)));
    else out.push(link(target ?? url, label ?? url));
  }
  if (from < text.length) out.push(text.slice(from));
  return out;
};

const link = (href, words) =>
  element('a', { ...OWN_DIRECTION, href, target: '_blank', rel: 'noopener noreferrer nofollow', title: href }, words);
