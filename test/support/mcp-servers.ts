import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { processGroups } from '../../src/adapters/child-process/index.ts';
import { type McpServer, type McpServers, makeMcpServers } from '../../src/adapters/mcp/index.ts';
import { systemClock } from '../../src/adapters/system/index.ts';
import type { EventOf, KeptEvent, KeptEventType } from '../../src/domain/index.ts';
import type { Clock, Tool, ToolContext } from '../../src/ports/index.ts';
import { telegramChat, telegramUser } from '../../src/testing/index.ts';
import { removeDirectory, takeDirectory } from './own-directory.ts';

export const OWN = fileURLToPath(new URL('../fakes/mcp/stdio-server.ts', import.meta.url));
export const program = (name: string): string => createRequire(import.meta.url).resolve(`@modelcontextprotocol/${name}/dist/index.js`);

export const stdio = (name: string, ...args: string[]): McpServer => ({ kind: 'stdio', name, command: process.execPath, args, env: {} });

/** For the tests of one block: a directory for each test, and a server of our own that notes in it what it does. */
export const useOwnServer = () => {
  let directory = '';
  beforeEach(() => {
    directory = takeDirectory('mcp');
  });
  afterEach(() => removeDirectory(directory));
  const notes = (): string => join(directory, 'notes');
  return {
    directory: () => directory,
    notes,
    own: (mode: string): McpServer => stdio('own', OWN, mode, notes()),
    /** The lines of its notes that fit. */
    noted: (pattern: RegExp): readonly string[] =>
      readFileSync(notes(), 'utf8')
        .split('\n')
        .filter((line) => pattern.test(line)),
  };
};

/** Runs `use` with servers that are started and have connected or failed once; then nothing of them may be left. */
export const withServers = async (
  servers: readonly McpServer[],
  use: (parts: {
    readonly mcp: McpServers;
    readonly events: readonly KeptEvent[];
    readonly heard: <T extends KeptEventType>(type: T, fits?: (event: EventOf<T>) => boolean) => Promise<EventOf<T>>;
  }) => Promise<void>,
  clock: Clock = systemClock,
): Promise<void> => {
  const events: KeptEvent[] = [];
  const waiting: { readonly look: () => void }[] = [];
  const mcp = makeMcpServers({
    servers,
    directory: process.cwd(),
    env: { ...process.env, ANTHROPIC_API_KEY: 'must-not-be-seen' },
    version: '1.2.3',
    clock,
    events: {
      emit: (event) => {
        events.push(event);
        for (const { look } of waiting) look();
      },
    },
    groups: processGroups,
  });
  const heard = <T extends KeptEventType>(type: T, fits: (event: EventOf<T>) => boolean = () => true): Promise<EventOf<T>> => {
    const { promise, resolve } = Promise.withResolvers<EventOf<T>>();
    const look = (): void => {
      const found = events.find((event): event is EventOf<T> => event.type === type && fits(event as EventOf<T>));
      if (found) resolve(found);
    };
    waiting.push({ look });
    look();
    return promise;
  };
  mcp.start();
  try {
    await mcp.ready(15_000);
    await use({ mcp, events, heard });
  } finally {
    await mcp.stop();
  }
  expect(mcp.report().map(({ state }) => state.status)).to.deep.equal(servers.map(() => 'stopped'));
};

export const context = (more: Partial<ToolContext> = {}): ToolContext => ({
  chatId: telegramChat(501),
  chatKind: 'direct',
  requestedBy: { id: telegramUser(501) },
  scope: { directory: '/' },
  signal: new AbortController().signal,
  ...more,
});

export const toolOf = (mcp: McpServers, name: string): Tool => {
  const found = mcp.tools().find((tool) => tool.name === name);
  if (!found) throw new Error(`there is no ${name} among ${mcp.tools().map((tool) => tool.name)}`);
  return found;
};

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // A zombie is not alive: it waits for its parent to look.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};
