import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { streamReply } from '../fakes/anthropic/peer.ts';
import { brokenRules } from '../fakes/anthropic/rules.ts';
import { NOTION_KEY, openNotion } from '../fakes/notion/index.ts';
import { type MtprotoServer, startMtprotoServer } from '../fakes/telegram/index.ts';
import { listenHttp } from './loopback.ts';

export const BOT = 7_000_000_001;
export const ADA = 1_001;
export const BOB = 1_002;
export const GROUP = -1_001_500_002_002;
const GROUP_ID = 1_500_002_002;

/** What a person has before Kept is set up. All of it is made up. */
export const KEY = 'the-right-key-of-a-model';
export const KEY_WITHOUT_CREDIT = 'a-key-without-credit';
export const WRONG_KEY = 'a-wrong-key-of-a-model';
export const TOKEN = `${BOT}:${'t'.repeat(35)}`;
export const WRONG_TOKEN = `${BOT}:${'w'.repeat(35)}`;
export const API_ID = '1234567';
export const API_HASH = 'fedcba98'.repeat(4);
export { NOTION_KEY };

const SECRETS = [KEY, KEY_WITHOUT_CREDIT, WRONG_KEY, TOKEN, WRONG_TOKEN, API_HASH, NOTION_KEY];

/** What the ping in the real chat prints. */
export const PINGED = /on Telegram: ok, \d+ ms from message to delivered answer, which was deleted again/;

export const showsNoSecret = (output: string): void => {
  for (const secret of SECRETS) if (output.includes(secret)) throw new Error(`a secret is shown:\n${output}`);
};

/** An empty directory, and everybody whom a set-up talks to: Telegram, a model, Notion. */
export interface InitSite {
  readonly root: string;
  readonly project: string;
  readonly env: NodeJS.ProcessEnv;
  readonly server: MtprotoServer;
  readonly notion: Awaited<ReturnType<typeof openNotion>>;
  /** How often the model was asked with the right key. */
  asked(): number;
  /** Undefined where there is no such file. */
  read(path: string): Promise<string | undefined>;
  variables(): Promise<Readonly<Record<string, string>>>;
  // biome-ignore lint/suspicious/noExplicitAny: it is read as the test writes it down.
  workspaces(): Promise<any>;
  modeOf(path: string): Promise<string>;
  remove(): Promise<void>;
}

/** As the API refuses a key, and one whose account has no credit. */
const refusalOf = (key: string | undefined) =>
  key === KEY
    ? undefined
    : key === KEY_WITHOUT_CREDIT
      ? { status: 400, type: 'invalid_request_error', message: 'Your credit balance is too low to access the Anthropic API.' }
      : { status: 401, type: 'authentication_error', message: 'invalid x-api-key' };

const openModel = async () => {
  let asked = 0;
  const broken: string[] = [];
  const { url, close } = await listenHttp(async (request, response) => {
    const body = (await json(request)) as { readonly model: string };
    const refusal = refusalOf(request.headers.authorization?.replace('Bearer ', ''));
    const rules = brokenRules({ headers: request.headers as Record<string, string>, body });
    broken.push(...rules.map(({ rule, message }) => `${rule}: ${message}`));
    if (refusal) {
      const { status, ...error } = refusal;
      return void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ type: 'error', error }));
    }
    asked += 1;
    await streamReply(response, { content: [{ type: 'text', text: 'ready' }] }, body.model);
  });
  return { url, close, broken, asked: () => asked };
};

export const makeInitSite = async ({ privacyMode = false }: { readonly privacyMode?: boolean } = {}): Promise<InitSite> => {
  const [server, model, notion] = await Promise.all([startMtprotoServer(), openModel(), openNotion()]);
  const { world } = server;
  world.addUser({ id: BOT, username: 'kept_bot', firstName: 'Kept', isBot: true, token: TOKEN, privacyMode });
  world.addUser({ id: ADA, username: 'ada', firstName: 'Ada', phone: '+999 66 12345' });
  world.addUser({ id: BOB, firstName: 'Bob' });
  world.addSupergroup({ id: GROUP_ID, title: 'Orchard', members: [ADA] });
  const root = await mkdtemp(join(tmpdir(), 'kept-init-'));
  const project = join(root, 'orchard');
  await mkdir(join(project, '.git'), { recursive: true });
  const keyPath = join(root, 'server-key.pem');
  await writeFile(keyPath, await server.publicKeyPem());
  const { PATH, HOME, TMPDIR, NODE_V8_COVERAGE, NODE_COMPILE_CACHE } = process.env;
  const read = (path: string): Promise<string | undefined> =>
    readFile(join(root, path), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
  return {
    root,
    project,
    server,
    notion,
    env: {
      PATH,
      HOME,
      TMPDIR,
      NODE_V8_COVERAGE,
      NODE_COMPILE_CACHE,
      PORT: '0',
      ANTHROPIC_BASE_URL: model.url,
      NOTION_BASE_URL: notion.url,
      TELEGRAM_DC_ADDRESS: server.address,
      TELEGRAM_DC_PUBLIC_KEY: keyPath,
    },
    asked: model.asked,
    read,
    variables: async () =>
      Object.fromEntries(((await read('.env')) ?? '').split('\n').flatMap((line) => (/^\w+=/.test(line) ? [line.split(/=(.*)/s, 2)] : []))),
    workspaces: async () => JSON.parse((await read('config/workspace_config.json')) ?? '{}'),
    modeOf: async (path) => ((await stat(join(root, path))).mode & 0o777).toString(8),
    remove: async () => {
      await Promise.all([server.close(), model.close(), notion.close()]);
      await rm(root, { recursive: true, force: true });
      server.assertClean();
      if (model.broken.length > 0) throw new Error(model.broken.join('\n'));
    },
  };
};
