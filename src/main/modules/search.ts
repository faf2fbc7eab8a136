import type { Container } from 'inversify';
import { makeSearchTools } from '../../adapters/tools/index.ts';
import { bind } from '../bind.ts';
import { explained, serviceHelp } from '../service-help.ts';
import { TOKENS } from '../tokens.ts';

const T = TOKENS;

/** Web search. The SDK is loaded where a key is set. */
export const bindSearch = (container: Container): void =>
  bind(container, T.searchTools, { config: T.config, clock: T.clock }, async ({ config: { search }, clock }) => {
    if (!search.perplexity) return [];
    const { makePerplexitySearch } = await import('../../adapters/perplexity/index.ts');
    const web = makePerplexitySearch({ ...search.perplexity, clock });
    const help = serviceHelp('PERPLEXITY_API_KEY', 'PERPLEXITY_BASE_URL', search.perplexity.baseUrl);
    return makeSearchTools({ search: explained(web.search, help) }, 'perplexity/search');
  });
