import type { Container } from 'inversify';
import { makeSearchTools } from '../../adapters/tools/index.ts';
import type { WebSearch } from '../../ports/index.ts';
import { bind } from '../bind.ts';
import { madeFrom } from '../live-config.ts';
import { explained, serviceHelp } from '../service-help.ts';
import { TOKENS } from '../tokens.ts';

const T = TOKENS;

/** Web search. The SDK is loaded where a key is set. */
export const bindSearch = (container: Container): void =>
  bind(container, T.searchTools, { config: T.config, clock: T.clock }, async ({ config, clock }) => {
    const { perplexity } = config.search;
    if (!perplexity) return [];
    const { makePerplexitySearch } = await import('../../adapters/perplexity/index.ts');
    const web = madeFrom(
      () => [config.search.perplexity?.apiKey] as const,
      () => makePerplexitySearch({ ...(config.search.perplexity ?? perplexity), clock }),
    );
    const help = serviceHelp('PERPLEXITY_API_KEY', 'PERPLEXITY_BASE_URL', perplexity.baseUrl);
    return makeSearchTools(
      { search: explained((...asked: Parameters<WebSearch['search']>) => web().search(...asked), help) },
      'perplexity/search',
    );
  });
