import type { LanguageModel } from '../../src/ports/index.ts';

/** A model that is another one at each request, in this order. */
export const takingTurns = (...models: readonly LanguageModel[]): LanguageModel => {
  const order = models.values();
  return {
    name: 'both',
    respond: async (request, options) => {
      const { value } = order.next();
      if (!value) throw new Error('asked too often');
      return await value.respond(request, options);
    },
  };
};
