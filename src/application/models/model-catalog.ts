import type { Agent } from '../../domain/agent/agent.ts';
import type { LanguageModel } from '../../ports/language-model.ts';

/** Which model, or chain of models, an agent asks. */
export interface ModelCatalog {
  modelFor(agent: Pick<Agent, 'name'>): LanguageModel;
}

/** One model, or one chain of models, for every agent. */
export const makeModelCatalog = (model: LanguageModel): ModelCatalog => ({ modelFor: () => model });
