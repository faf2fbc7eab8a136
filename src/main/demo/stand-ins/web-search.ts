import { type LocalServer, startLocalServer } from './local-server.ts';

/** Answers each search with the same two pages, in the form of Perplexity's `POST /search`. */
export const startWebSearch = (): Promise<LocalServer> =>
  startLocalServer((method, path) =>
    method === 'POST' && path === '/search'
      ? { status: 200, body: { id: 'search-1', results: RESULTS } }
      : { status: 404, body: { error: { message: 'The stand-in knows POST /search alone.' } } },
  );

const RESULTS = [
  { title: 'How to brew green tea', url: 'https://tea.example/green', snippet: 'Two minutes, at 80 °C.', date: '2026-03-01' },
  { title: 'Kinds of tea', url: 'https://tea.example/kinds', snippet: 'Green, black, white, oolong.', date: '2026-02-01' },
];
