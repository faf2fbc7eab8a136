import { makeAgentCatalog, makeModelCatalog, makeToolCatalog } from '../../src/application/index.ts';
import type { Agent } from '../../src/domain/index.ts';
import { type LanguageModel, type Tool, toolSource } from '../../src/ports/index.ts';

/** What runs an agent, from one model and a list of tools. */
export const modelAndTools = (model: LanguageModel, tools: readonly Tool[] = []) => ({
  models: makeModelCatalog(model),
  tools: makeToolCatalog([toolSource('test', tools)]),
});

/** Catalogs in which every name means this agent. */
export const onlyAgent = (agent: Agent) => ({ ...makeAgentCatalog({ chat: agent, promise: agent }), get: () => agent });
