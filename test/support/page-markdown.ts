/**
 * The page's Markdown outside a browser: the least of a document that it needs, and what it made as HTML to compare.
 */

class PageNode {
  readonly tagName: string;
  readonly attributes = new Map<string, string>();
  readonly children: (PageNode | string)[] = [];

  constructor(tag: string) {
    this.tagName = tag.toUpperCase();
  }

  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
  }

  getAttribute(name: string): string | null {
    return this.attributes.get(name) ?? null;
  }

  set className(value: string) {
    this.attributes.set('class', value);
  }

  append(...added: (PageNode | string)[]): void {
    for (const one of added) this.children.push(...(one instanceof PageNode && one.tagName === '' ? one.children : [one]));
  }

  get textContent(): string {
    return this.children.map((child) => (typeof child === 'string' ? child : child.textContent)).join('');
  }

  /** Elements in it, at any depth. */
  get size(): number {
    let size = 0;
    for (const child of this.children) if (typeof child !== 'string') size += 1 + child.size;
    return size;
  }

  /** Without the attributes that every element of its kind has. */
  get html(): string {
    return this.children.map((child) => (typeof child === 'string' ? child.replaceAll('<', '&lt;') : child.outer)).join('');
  }

  get outer(): string {
    const tag = this.tagName.toLowerCase();
    const shown = [...this.attributes].filter(([name]) => !['dir', 'target', 'rel', 'title', 'tabindex', 'aria-label'].includes(name));
    const open = `<${[tag, ...shown.map(([name, value]) => `${name}="${value}"`)].join(' ')}>`;
    return ['hr', 'input'].includes(tag) ? open : `${open}${this.html}</${tag}>`;
  }
}

/** What the page makes of a text. */
export const renderOnPage = await (async () => {
  const document = { createElement: (tag: string) => new PageNode(tag), createDocumentFragment: () => new PageNode('') };
  Object.assign(globalThis, { document });
  const { renderMarkdown } = (await import(new URL('../../src/adapters/http/page/markdown.js', import.meta.url).href)) as {
    readonly renderMarkdown: (text: string) => PageNode;
  };
  return renderMarkdown;
})();
