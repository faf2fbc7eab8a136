import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { mountGet } from './mount.ts';

const FILES = [
  ['/', 'index.html', 'text/html; charset=utf-8'],
  ['/page.css', 'page.css', 'text/css; charset=utf-8'],
  ['/page.js', 'page.js', 'text/javascript; charset=utf-8'],
  ['/chat.js', 'chat.js', 'text/javascript; charset=utf-8'],
  ['/composer.js', 'composer.js', 'text/javascript; charset=utf-8'],
  ['/promises.js', 'promises.js', 'text/javascript; charset=utf-8'],
  ['/alerts.js', 'alerts.js', 'text/javascript; charset=utf-8'],
  ['/performance.js', 'performance.js', 'text/javascript; charset=utf-8'],
  ['/schedules.js', 'schedules.js', 'text/javascript; charset=utf-8'],
  ['/approvals.js', 'approvals.js', 'text/javascript; charset=utf-8'],
  ['/decision.js', 'decision.js', 'text/javascript; charset=utf-8'],
  ['/breathe.js', 'breathe.js', 'text/javascript; charset=utf-8'],
  ['/markdown.js', 'markdown.js', 'text/javascript; charset=utf-8'],
  ['/parser.js', 'parser.js', 'text/javascript; charset=utf-8'],
  ['/hosts.js', 'hosts.js', 'text/javascript; charset=utf-8'],
  ['/plain.js', 'plain.js', 'text/javascript; charset=utf-8'],
  ['/server.js', 'server.js', 'text/javascript; charset=utf-8'],
  ['/icon.svg', 'icon.svg', 'image/svg+xml'],
] as const;

/** Imports of the page's modules from outside its folder: the name, the file, and the URL. */
const ELSEWHERE = [
  ['markdown-it', import.meta.resolve('markdown-it/browser'), '/markdown-it.js'],
  ['../../../ports/adapter-kit/as-written.js', import.meta.resolve('../../ports/adapter-kit/as-written.js'), '/as-written.js'],
  ['./as-written-emphasis.js', import.meta.resolve('../../ports/adapter-kit/as-written-emphasis.js'), '/as-written-emphasis.js'],
  [
    '../../../ports/adapter-kit/as-written-blocks.js',
    import.meta.resolve('../../ports/adapter-kit/as-written-blocks.js'),
    '/as-written-blocks.js',
  ],
] as const;

/** The web page, from memory. It loads nothing from anywhere else. */
export const mountPage = async (app: FastifyInstance): Promise<void> => {
  for (const [url, name, type] of FILES) {
    const written = await readFile(new URL(`./page/${name}`, import.meta.url), 'utf8');
    mountFile(app, url, type, type.startsWith('text/javascript') ? withAddresses(written) : written);
  }
  for (const [, file, url] of ELSEWHERE) mountFile(app, url, 'text/javascript; charset=utf-8', await readFile(new URL(file), 'utf8'));
};

const withAddresses = (module: string): string =>
  ELSEWHERE.reduce((text, [name, , url]) => text.replaceAll(`from '${name}'`, `from '${url}'`), module);

const mountFile = (app: FastifyInstance, url: string, type: string, content: string): void => {
  const etag = `"${createHash('sha256').update(content).digest('base64url')}"`;
  mountGet(app, url, async ({ headers }, reply) => {
    reply.headers({ etag, 'cache-control': 'no-cache' });
    return headers['if-none-match'] === etag ? reply.code(304).send() : reply.type(type).send(content);
  });
};
