import type { Environment } from './environment.ts';
import type { ConfigProblem } from './problems.ts';
import { warning } from './problems.ts';

/** The keys of services: how a real one begins, and whether a self-hosted server may accept any text. */
const KEYS: readonly {
  readonly name: 'ANTHROPIC_API_KEY' | 'OPENAI_API_KEY' | 'PERPLEXITY_API_KEY' | 'NOTION_API_KEY';
  readonly prefix: RegExp;
  readonly server?: 'ANTHROPIC_BASE_URL' | 'OPENAI_BASE_URL' | 'PERPLEXITY_BASE_URL' | 'NOTION_BASE_URL';
}[] = [
  { name: 'ANTHROPIC_API_KEY', prefix: /^sk-/, server: 'ANTHROPIC_BASE_URL' },
  { name: 'OPENAI_API_KEY', prefix: /^sk-/, server: 'OPENAI_BASE_URL' },
  { name: 'PERPLEXITY_API_KEY', prefix: /^pplx-/, server: 'PERPLEXITY_BASE_URL' },
  { name: 'NOTION_API_KEY', prefix: /^(secret|ntn)_/, server: 'NOTION_BASE_URL' },
];
/** Real keys have about fifty characters: a text shorter than this is not a key of any service. */
const SHORTEST_KEY = 20;
const STAND_IN =
  /^(?:<.*>|\[.*\]|\{.*\}|x+|\*+|\.+|(?:.*[-_.])?(?:your|my|insert|replace|paste|changeme|change|example|placeholder|dummy|fake|todo|tbd)(?:[-_.].*)?|your.*|foo|bar|baz|foobar|key|apikey|api[-_]?key|token|secret|password|none|null|undefined|true|false|.{1,3})$/i;

/** Warns about keys whose value looks like a placeholder of an example. The value is not quoted. */
export const placeholderProblems = (env: Environment): ConfigProblem[] => {
  const keys = KEYS.flatMap(({ name, prefix, server }) => {
    const value = env[name];
    if (value === undefined || (server !== undefined && env[server] !== undefined)) return [];
    if (!STAND_IN.test(value) && !(prefix.test(value) && value.length < SHORTEST_KEY)) return [];
    return [warning(name, 'looks like the placeholder of an example, not like a key', 'give the real key, or leave the variable unset')];
  });
  const token = env.KEPT_API_TOKEN;
  return token !== undefined && STAND_IN.test(token)
    ? [
        ...keys,
        warning(
          'KEPT_API_TOKEN',
          'looks like the placeholder of an example: others can guess it',
          '`openssl rand -hex 32` makes a good one',
        ),
      ]
    : keys;
};
