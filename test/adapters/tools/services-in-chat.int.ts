import { expect } from 'chai';
import { makeLocalChat } from '../../../src/adapters/local-chat/index.ts';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeNotionDatabase } from '../../../src/adapters/notion/index.ts';
import { makePerplexitySearch } from '../../../src/adapters/perplexity/index.ts';
import { makeRehearsalModel } from '../../../src/adapters/rehearsal/index.ts';
import { systemRandomness as randomness } from '../../../src/adapters/system/index.ts';
import { makeNotionTools, makeSearchTools } from '../../../src/adapters/tools/index.ts';
import { ok } from '../../../src/domain/index.ts';
import { DEFAULT_LOCAL_CHAT, makeKept, operatorOnly, type Tool } from '../../../src/index.ts';
import { NOTION_KEY, openNotion } from '../../fakes/notion/index.ts';
import { openPerplexity, PERPLEXITY_KEY } from '../../fakes/perplexity/index.ts';
import type { Handler } from '../../support/loopback.ts';
import { BOUND_MS, clock, patience, refusal, SERVICE_FAULTS } from '../../support/service-faults.ts';

/** A tool over a service on loopback, and how the requests fail that it is about. */
interface Service {
  readonly tools: readonly Tool[];
  /** What somebody says so that the tool is called. */
  readonly ask: string;
  readonly answer: RegExp;
  readonly key: string;
  readonly failNext: (answer: Handler) => void;
  readonly requests: () => number;
  readonly close: () => Promise<void>;
}

const searchWeb = async (): Promise<Service> => {
  const server = await openPerplexity([{ title: 'Tea', url: 'https://example.org/tea', snippet: 'A drink.' }]);
  return {
    tools: makeSearchTools(makePerplexitySearch({ apiKey: PERPLEXITY_KEY, baseUrl: server.url, clock, patience })),
    ask: 'use search_web {"query": "tea"}',
    answer: /https:\/\/example\.org\/tea/,
    key: PERPLEXITY_KEY,
    failNext: server.failNext,
    requests: () => server.seen.length,
    close: server.close,
  };
};

const notion = async (path: RegExp, ask: (page: string) => string): Promise<Service> => {
  const server = await openNotion();
  const own = server.addDatabase('Tasks', { Tasks: { Name: { type: 'title' } } });
  const { url } = server.addEntry(own, 'Mow', { markdown: 'The lawn.' });
  const database = makeNotionDatabase({ apiKey: NOTION_KEY, baseUrl: server.url, clock, patience });
  return {
    tools: makeNotionTools({ database, databasesFor: () => ok([{ workspace: 'psy', database: own.id }]) }),
    ask: ask(url),
    answer: /Mow/,
    key: NOTION_KEY,
    failNext: (answer) => server.failNext(path, answer),
    requests: () => server.seen.filter((request) => path.test(request.path)).length,
    close: server.close,
  };
};

const SERVICES: Readonly<Record<string, () => Promise<Service>>> = {
  search_web: searchWeb,
  query_notion: () => notion(/\/query$/, () => 'use query_notion {"source": "Tasks"}'),
  read_notion_page: () => notion(/\/markdown$/, (page) => `use read_notion_page {"page": "${page}"}`),
};

/** What a person is told who asks for it in a chat, with no more between them and the service than there is in use. */
const saidIn = async ({ tools, ask }: Service): Promise<string> => {
  const storage = makeMemoryStorage();
  const chat = makeLocalChat({ ...storage, clock, randomness });
  const kept = makeKept({
    ...storage,
    storage,
    model: makeRehearsalModel({ clock }),
    gateways: [chat],
    clock,
    randomness,
    policy: operatorOnly('/tmp'),
    tools,
    builtInTools: [],
  });
  await kept.start();
  const told = Promise.withResolvers<string>();
  const end = chat.subscribe(
    DEFAULT_LOCAL_CHAT,
    (event) => event.type === 'message' && event.message.from === 'agent' && told.resolve(event.message.text),
    0,
  );
  try {
    await chat.post(DEFAULT_LOCAL_CHAT, ask);
    return await told.promise;
  } finally {
    end();
    await kept.stop();
  }
};

for (const [tool, open] of Object.entries(SERVICES))
  describe(`${tool}, asked for in a chat`, () => {
    let service: Service;
    beforeEach(async () => {
      service = await open();
    });
    afterEach(() => service.close());

    for (const [what, fault, , requests, words] of SERVICE_FAULTS)
      it(`tells of ${what} in words, after ${requests === 1 ? 'one request' : `${requests} requests`}`, async () => {
        for (let n = 0; n < 4; n++) service.failNext(fault);
        const startedAt = performance.now();
        const [first = ''] = (await saidIn(service)).split('\n');
        expect(first)
          .to.match(/^“use .*” failed: (?:Perplexity|Notion|a web page|the answer)/)
          .and.match(words)
          .and.not.include(service.key);
        expect(service.requests()).to.equal(requests);
        expect(performance.now() - startedAt).to.be.below(BOUND_MS);
      });

    it('answers after 529 twice', async () => {
      for (let n = 0; n < 2; n++) service.failNext(refusal(529));
      expect(await saidIn(service)).to.match(service.answer);
      expect(service.requests()).to.equal(3);
    });
  });
