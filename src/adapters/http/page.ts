import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { mountGet } from './mount.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

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

/** What draws charts, as a module: it is no part of the page before somebody looks at charts. */
const PLOT = {
  name: 'uplot',
  url: '/uplot.js',
  script: fileURLToPath(import.meta.resolve('uplot/dist/uPlot.iife.min.js')),
  sheet: fileURLToPath(import.meta.resolve('uplot/dist/uPlot.min.css')),
};

/** The web page: every file of its folder, from memory. It loads nothing from anywhere else. */
export const mountPage = async (app: FastifyInstance): Promise<void> => {
  const folder = fileURLToPath(new URL('./page', import.meta.url));
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const written = await readFile(join(folder, name), 'utf8');
    const url = name === 'index.html' ? '/' : `/${name.replaceAll(sep, '/')}`;
    mountFile(app, url, type, type.startsWith('text/javascript') ? withAddresses(written) : written);
  }
  mountFile(app, PLOT.url, 'text/javascript; charset=utf-8', `${await readFile(PLOT.script, 'utf8')}\nexport default uPlot;\n`);
  mountFile(app, '/uplot.css', 'text/css; charset=utf-8', await readFile(PLOT.sheet, 'utf8'));
  for (const [, file, url] of ELSEWHERE) mountFile(app, url, 'text/javascript; charset=utf-8', await readFile(new URL(file), 'utf8'));
};

const withAddresses = (module: string): string =>
  ELSEWHERE.reduce((text, [name, , url]) => text.replaceAll(`from '${name}'`, `from '${url}'`), module).replaceAll(
    `import('${PLOT.name}')`,
    `import('${PLOT.url}')`,
  );

const mountFile = (app: FastifyInstance, url: string, type: string, content: string): void => {
  const etag = `"${createHash('sha256').update(content).digest('base64url')}"`;
  mountGet(app, url, async ({ headers }, reply) => {
    reply.headers({ etag, 'cache-control': 'no-cache' });
    return headers['if-none-match'] === etag ? reply.code(304).send() : reply.type(type).send(content);
  });
};
