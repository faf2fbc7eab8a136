import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createAnthropicClient } from '../../src/adapters/anthropic/index.ts';
import { makeWorkspaceFiles } from '../../src/adapters/files/index.ts';
import { makeLocalChat } from '../../src/adapters/local-chat/index.ts';
import { makeMemoryStorage } from '../../src/adapters/memory/index.ts';
import { createOpenAiClient } from '../../src/adapters/openai/index.ts';
import { makePinoLogger } from '../../src/adapters/pino/index.ts';
import { openPostgresEngine } from '../../src/adapters/postgres/index.ts';
import { makeRedactor } from '../../src/adapters/redaction/index.ts';
import { makeRehearsalModel } from '../../src/adapters/rehearsal/index.ts';
import { openSqliteEngine } from '../../src/adapters/sqlite/index.ts';
import { systemClock } from '../../src/adapters/system/index.ts';
import { makeKept, requireNode } from '../../src/index.ts';

const WORDS = 'kept needs Node 22.14 or newer; this is Node 20.20.2';
const CALLS: Readonly<Record<string, () => unknown>> = {
  makeKept: () => makeKept({} as never),
  makeMemoryStorage,
  makeLocalChat: () => makeLocalChat({} as never),
  makeRehearsalModel,
  makeWorkspaceFiles,
  createAnthropicClient: () => createAnthropicClient({ apiKey: 'none' }),
  createOpenAiClient: () => createOpenAiClient({}),
  makePinoLogger: () => makePinoLogger({ level: 'info', redact: makeRedactor([]) }),
  openSqliteEngine: () => openSqliteEngine({ path: '/nowhere/system.db' }),
  openPostgresEngine: () => openPostgresEngine({ url: 'postgres://127.0.0.1:1/kept', clock: systemClock }),
};

describe('An older Node', () => {
  const own = Object.getOwnPropertyDescriptor(process.versions, 'node') as PropertyDescriptor;
  beforeEach(() => Object.defineProperty(process.versions, 'node', { ...own, value: '20.20.2' }));
  afterEach(() => Object.defineProperty(process.versions, 'node', own));

  for (const [name, call] of Object.entries(CALLS))
    it(`is told by ${name}, in words, before anything else`, async () => {
      const said = await Promise.resolve()
        .then(call)
        .then(
          () => 'nothing',
          (error: Error) => error.message,
        );
      expect(said).to.include(WORDS);
    });

  it('is one below 22.14', () => {
    for (const version of ['18.20.8', '20.20.2', '22.13.1'])
      expect(() => requireNode(version), version).to.throw(`this is Node ${version}`);
    for (const version of ['22.14.0', '23.0.0', '24.21.0']) requireNode(version);
  });
});
