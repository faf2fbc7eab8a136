import type { Agent } from '../../domain/agent/agent.ts';
import { cheapestModel } from '../../domain/agent/model-size.ts';
import type { LanguageModel } from '../../ports/language-model.ts';

/** Which model, or chain of models, is asked. */
export interface ModelCatalog {
  /** The agent's own model first, where it names one, then those of the installation in their order. */
  modelFor(agent: Pick<Agent, 'model'>): LanguageModel;
  /** The model of this reference first, then the others in their order. */
  byReference(reference: string): LanguageModel;
  /** The cheapest of the installation first, then the others in their order: for work behind the scenes. */
  cheapest(): LanguageModel;
}

/** One model, or one chain of models, for everything. */
export const makeModelCatalog = (model: LanguageModel): ModelCatalog => ({
  modelFor: () => model,
  byReference: () => model,
  cheapest: () => model,
});

/**
 * A chain of models for each agent. `order` holds the references of the installation, `make` makes the model of one,
 * and `chain` puts models together. Each model is made once, on first use, and so is each chain.
 */
export const makeModelChains = (parts: {
  readonly order: readonly string[];
  readonly make: (reference: string) => LanguageModel;
  readonly chain: (models: readonly LanguageModel[]) => LanguageModel;
}): ModelCatalog => {
  const models = new Map<string, LanguageModel>();
  const named = new Map<string, LanguageModel>();
  const chains = new Map<string | undefined, LanguageModel>();

  /** Two references to one model are one model: what it has learnt about its server is learnt once. */
  const modelOf = (reference: string): LanguageModel =>
    orMake(models, reference, () => {
      const made = parts.make(reference);
      return orMake(named, made.name, () => made);
    });

  const chainFrom = (first: string | undefined): LanguageModel =>
    orMake(chains, first, () => parts.chain([...new Set([...(first === undefined ? [] : [first]), ...parts.order].map(modelOf))]));

  return {
    modelFor: ({ model }) => chainFrom(model),
    byReference: chainFrom,
    cheapest: () => {
      const name = cheapestModel(parts.order.map((reference) => modelOf(reference).name));
      return chainFrom(parts.order.find((reference) => modelOf(reference).name === name));
    },
  };
};

const orMake = <K, V>(made: Map<K, V>, key: K, make: () => V): V => {
  const value = made.get(key) ?? make();
  made.set(key, value);
  return value;
};
