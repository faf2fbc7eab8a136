import 'reflect-metadata';
import { join } from 'node:path';
import { makeDirectoryLocks } from '../../src/adapters/system/index.ts';
import { makeSearchTools } from '../../src/adapters/tools/index.ts';
import { makeModelCatalog } from '../../src/application/index.ts';
import type { Config } from '../../src/config/index.ts';
import { bindBot, bindBotScope } from '../../src/main/bot.ts';
import { type AppContext, makeAppContext, makeScope } from '../../src/main/container.ts';
import { TOKENS } from '../../src/main/tokens.ts';
import { bindWorker } from '../../src/main/worker.ts';
import type {
  ChatGateway,
  Clock,
  Engine,
  LanguageModel,
  Logger,
  Randomness,
  Tool,
  WebSearch,
  WorkspacePlaces,
} from '../../src/ports/index.ts';
import type { makeCodingPeer, makeNotion } from './peers.ts';
import { type Plant, plantIn } from './plants.ts';

/** Says of every place that it lies in the workspace, and is nothing special. */
const anywhere: WorkspacePlaces = { locate: async (_, paths) => paths.map(() => 'src/train.ts') };

/** Calls of tools and files, which take real time: meanwhile, the clock of the world stands still. */
export interface AtWork {
  calls: number;
}

const countWork = async ({ container, get }: AppContext, atWork: AtWork): Promise<void> => {
  const counted =
    <Given extends readonly unknown[], Result>(work: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      atWork.calls++;
      try {
        return await work(...given);
      } finally {
        atWork.calls--;
      }
    };
  const files = await get(TOKENS.files);
  container.rebind(TOKENS.files).toConstantValue({ ...files, read: counted(files.read), readBytes: counted(files.readBytes) });
  const { toolsFor, list } = await get(TOKENS.tools);
  const countedTool = (tool: Tool): Tool => ({ ...tool, run: counted(tool.run) });
  container.rebind(TOKENS.tools).toConstantValue({
    toolsFor: (caller) => toolsFor(caller).map(countedTool),
    list: () => list().map(countedTool),
  });
};

/** What is outside of an installation, and what it is given. */
export interface Outside {
  readonly root: string;
  readonly config: Config;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly engine: Engine;
  readonly model: LanguageModel;
  readonly notion: ReturnType<typeof makeNotion>;
  readonly coding: ReturnType<typeof makeCodingPeer>;
  readonly gateway: ChatGateway;
  readonly search: WebSearch['search'];
  readonly plants: readonly Plant[];
  readonly atWork: AtWork;
}

/** One life of a process, as `kept start` puts it together; only what is outside of it is replaced. */
export const startInstallation = async (outside: Outside) => {
  const { plants, coding, root } = outside;
  const context: AppContext = makeAppContext(outside.config, outside.logger);
  const { container } = context;
  container.rebind(TOKENS.clock).toConstantValue(outside.clock);
  container.rebind(TOKENS.randomness).toConstantValue(outside.randomness);
  container.rebind(TOKENS.engine).toConstantValue(outside.engine);
  bindBot(context);
  bindWorker(context, 'worker');
  container.rebind(TOKENS.models).toConstantValue(makeModelCatalog(outside.model));
  container.rebind(TOKENS.workspaceDatabase).toConstantValue(outside.notion.database);
  container.rebind(TOKENS.workerId).toConstantValue('worker');
  container.rebind(TOKENS.searchTools).toConstantValue(makeSearchTools({ search: outside.search }));
  const places = plants.includes('places') ? anywhere : coding.parts.places;
  container.rebind(TOKENS.coding).toConstantValue({ ...coding.parts, places, locks: makeDirectoryLocks(join(root, 'locks')) });
  await plantIn(context, plants, root);
  await countWork(context, outside.atWork);
  const term = makeScope(context, await context.get(TOKENS.events));
  bindBotScope(term);
  term.container.rebind(TOKENS.gateways).toConstantValue([await context.get(TOKENS.localChat), outside.gateway]);
  const bot = await term.get(TOKENS.bot);
  const worker = await context.get(TOKENS.worker);
  await bot.start();
  worker.start();
  return {
    context,
    bot,
    worker,
    stop: async (): Promise<void> => {
      await Promise.all([bot.stop(0), worker.stop(0)]);
      await context.lifecycle.stop();
    },
  };
};
