import 'reflect-metadata';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { makeMemoryChangeFeed, makeMemoryStorage } from '../../src/adapters/memory/index.ts';
import { openSqliteEngine } from '../../src/adapters/sqlite/index.ts';
import type { AgentPromise, Approval, IncomingMessage } from '../../src/domain/index.ts';
import { present } from '../../src/domain/shared/present.ts';
import { TOKENS } from '../../src/main/tokens.ts';
import type { Engine, LanguageModel, Storage, WebQuery, WebResult } from '../../src/ports/index.ts';
import {
  makeFixedClock,
  makeRecordingGateway,
  makeRecordingLogger,
  makeSeededRandomness,
  type RecordingGateway,
  START,
  telegramMessage,
  telegramUser,
} from '../../src/testing/index.ts';
import { takeDirectory } from '../support/own-directory.ts';
import { makeHouse, type Person, ROOMS, type RoomName } from './house.ts';
import { type AtWork, startInstallation } from './installation.ts';
import { openMcpWorld, type ServedTool } from './mcp-world.ts';
import type { ObedientModel } from './obedient-model.ts';
import { makeCodingPeer, makeNotion, type NotionPage } from './peers.ts';
import type { Plant } from './plants.ts';

/** What stands in the world when it begins. */
export interface Fixtures {
  readonly web?: readonly WebResult[];
  readonly notion?: readonly NotionPage[];
  /** By path from the root of the house: `shop/supplier.md`. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** What the safe tool `lookup` answers. */
  readonly lookup?: string;
  /** Further tools of the MCP servers. */
  readonly tools?: Readonly<Record<string, readonly ServedTool[]>>;
  readonly env?: Readonly<Record<string, string>>;
  /** What may be spent on a day, in US dollars. */
  readonly dailyUsd?: number;
  /** Everything is kept in a file, and not in memory. */
  readonly sqlite?: true;
}

const text = { type: 'string' };
const SHOP_TOOLS = (lookup: string): readonly ServedTool[] => [
  { name: 'pay', description: 'Pays somebody.', properties: { to: text, amount: { type: 'number' } } },
  { name: 'send_mail', description: 'Sends a mail.', properties: { to: text, subject: text, body: text } },
  { name: 'delete_records', description: 'Deletes a table.', properties: { table: text } },
  { name: 'book', description: 'Books a journey.', properties: { what: text, price: { type: 'number' } } },
  { name: 'invite', description: 'Invites somebody to the team.', properties: { who: text, role: text } },
  { name: 'lookup', description: 'Looks up an order.', properties: { q: text }, answer: () => lookup },
  { name: 'note', description: 'Notes something at an order.', properties: { text }, answer: () => 'noted' },
];

export type SayOptions = Partial<IncomingMessage>;

let place: string | undefined;
let worlds = 0;

/** A directory for each world, in one that goes with this process: to remove each takes longer than it lives. */
const nextRoot = (): string => {
  place ??= takeDirectory('enemy');
  return join(place, String(++worlds));
};

/** So often in a row nothing may be left to do. */
const IDLE_LOOKS = 3;
/** Far beyond what any of the stories takes. */
const MAX_STEPS = 40_000;
const STEP_MS = 10;

const openInFile = (root: string, path: string): Promise<Engine> => {
  mkdirSync(root, { recursive: true });
  return openSqliteEngine({ path });
};

/** Whether nothing is left to do at that time. */
const isAtRest = async (
  { bot, worker }: Awaited<ReturnType<typeof startInstallation>>,
  { stores }: Storage,
  now: number,
): Promise<boolean> => {
  if (bot.answering() > 0 || worker.running().length > 0) return false;
  const { messages, promises, outbox } = stores;
  if ((await messages.chatsWithOpen()).length > 0 || (await messages.incomplete(1)).length > 0) return false;
  const open = await promises.find({ statuses: ['pending', 'in_progress'], limit: 100 });
  if (open.some((promise) => promise.status === 'in_progress' || (promise.status === 'pending' && promise.dueAt <= now))) return false;
  const next = await outbox.nextDueAt();
  return next === undefined || next > now;
};

/** Everything that is outside of the installation, and what it is given. */
const openOutside = async <Model extends LanguageModel>(model: Model, fixtures: Fixtures, plants: readonly Plant[]) => {
  const root = nextRoot();
  const clock = makeFixedClock(START);
  const changes = makeMemoryChangeFeed(clock.after);
  const file = join(root, 'world.db');
  const sqlite = fixtures.sqlite && (await openInFile(root, file));
  const storage: Storage = sqlite?.storage ?? makeMemoryStorage({ changes });
  const gateway: RecordingGateway = makeRecordingGateway({ canMove: (chatId) => chatId.startsWith('telegram:-') });
  const { tools = {}, lookup = 'Order 7 is on its way.' } = fixtures;
  const mcp = await openMcpWorld({ ...tools, shop: [...SHOP_TOOLS(lookup), ...(tools.shop ?? [])] });
  const names = ['shop', ...Object.keys(tools).filter((name) => name !== 'shop')];
  const house = makeHouse(root, {
    mcp: { url: mcp.url, names },
    ...present({ files: fixtures.files, env: fixtures.env, dailyUsd: plants.includes('budget') ? undefined : fixtures.dailyUsd }),
    allOwners: plants.includes('roles'),
    strangers: plants.includes('whitelist'),
  });
  const queries: WebQuery[] = [];
  const notion = makeNotion(fixtures.notion ?? []);
  const coding = makeCodingPeer();
  const logger = makeRecordingLogger();
  const randomness = makeSeededRandomness(1);
  const atWork: AtWork = { calls: 0 };
  const engine: Engine = sqlite ?? {
    storage,
    changes: () => changes,
    startMaintenance: async () => undefined,
    close: async () => undefined,
  };
  const search = async (query: WebQuery): Promise<readonly WebResult[]> => {
    queries.push(query);
    return fixtures.web ?? [];
  };
  const outside = { root, config: house.config, logger, clock, randomness, engine, model, notion, coding, gateway, plants, atWork, search };
  return { outside, mcp, house, queries, storage, clock, gateway, logger, notion, coding, atWork, root, file, sqlite };
};

/** Opens a world of its own: an installation of the product, with everybody and everything outside of it scripted. */
export const openWorld = async <Model extends LanguageModel>(model: Model, fixtures: Fixtures = {}, plants: readonly Plant[] = []) => {
  const opened = await openOutside(model, fixtures, plants);
  const { outside, mcp, house, queries, storage, clock, gateway, logger, notion, coding, atWork, root, file, sqlite } = opened;
  const startProcess = () => startInstallation(outside);
  let process = await startProcess();

  const isIdle = (): Promise<boolean> => isAtRest(process, storage, clock.now());

  /** Lets everything happen that falls due now. */
  const settle = async (): Promise<void> => {
    let idle = 0;
    for (let step = 0; idle < IDLE_LOOKS; step++) {
      if (step > MAX_STEPS) throw new Error('this world never comes to rest');
      for (let turn = 0; turn < 5; turn++) await turnOfTheLoop();
      if (atWork.calls > 0) continue;
      clock.advance(STEP_MS);
      idle = (await isIdle()) ? idle + 1 : 0;
    }
  };

  const advance = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 10 * 60_000) {
      clock.advance(Math.min(left, 10 * 60_000));
      await settle();
    }
  };

  let said = 0;
  const messageOf = (person: Person, room: RoomName, words: string, { forwarded, ...more }: SayOptions = {}): IncomingMessage => ({
    chat: { id: ROOMS[room], kind: ROOMS[room].startsWith('telegram:-') ? 'group' : 'direct' },
    messageId: telegramMessage(++said),
    sender: {
      id: telegramUser(person.id),
      username: person.username,
      displayName: person.name,
      kind: plants.includes('senders') ? 'person' : (person.kind ?? 'person'),
    },
    text: words,
    sentAt: clock.now(),
    ...(ROOMS[room].startsWith('telegram:-') ? { addressedTo: 'us' as const } : {}),
    ...(forwarded && !plants.includes('forwards') ? { forwarded } : {}),
    ...more,
  });

  return {
    root,
    /** The id of the message that is said next, or so many messages on. */
    nextId: (on = 1) => telegramMessage(said + on),
    clock,
    gateway,
    storage,
    logger,
    model,
    effects: mcp.effects,
    queries: queries as readonly WebQuery[],
    notion,
    coding,
    configured: house.configured,
    config: house.config,
    context: () => process.context,
    /** The names of all tools. */
    tools: async (): Promise<readonly string[]> => (await process.context.get(TOKENS.tools)).list().map(({ name }) => name),
    settle,
    advance,
    /** Several messages arrive before anybody reads them. */
    sayTogether: async (...messages: readonly (readonly [Person, RoomName, string, SayOptions?])[]): Promise<void> => {
      const all = messages.map(([person, room, words, more]) => messageOf(person, room, words, more));
      await Promise.all(all.map((message) => gateway.deliver(message)));
      await settle();
    },
    /** Somebody writes; resolves when everything is over that follows from it at once. */
    say: async (person: Person, room: RoomName, words: string, more: SayOptions = {}): Promise<IncomingMessage> => {
      const message = messageOf(person, room, words, more);
      await gateway.deliver(message);
      await settle();
      return message;
    },
    restart: async (): Promise<void> => {
      await process.stop();
      process = await startProcess();
      await settle();
    },
    approvals: async (): Promise<readonly Approval[]> => (await storage.stores.approvals.list({ limit: 1_000 })).toReversed(),
    promises: (): Promise<readonly AgentPromise[]> => storage.stores.promises.find({ limit: 1_000 }),
    /** Everything that was stored, logged, sent, or shown to the model. */
    everything: (): string =>
      [
        ...[file, `${file}-wal`].map((path) => (existsSync(path) ? readFileSync(path, 'latin1') : '')),
        JSON.stringify([logger.lines, gateway.sent, gateway.drafts, gateway.edits, mcp.effects, queries]),
        ...('shown' in model ? [(model.shown as () => string)()] : []),
      ].join('\n'),
    [Symbol.asyncDispose]: async (): Promise<void> => {
      await process.stop();
      await sqlite?.close();
      await mcp.close();
    },
  };
};

/** A world, whatever model lives in it. */
export type AnyWorld = Awaited<ReturnType<typeof openWorld<LanguageModel>>>;
export type World = Awaited<ReturnType<typeof openWorld<ObedientModel>>>;
