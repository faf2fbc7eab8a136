/**
 * Every request that this process sends to a model's API is checked by the API's documented rules, whatever server of a
 * test answers it. One that breaks a rule is refused as the API refuses it, and fails the test.
 */
import { brokenRules as anthropicRules } from '../fakes/anthropic/rules.ts';
import type { BrokenRule, SentRequest } from '../fakes/broken-rule.ts';
import { brokenResponsesRules } from '../fakes/openai/responses-rules.ts';
import { brokenRules as openAiRules } from '../fakes/openai/rules.ts';
import { COMPATIBLE } from '../fakes/openai/servers.ts';

interface Api {
  readonly path: RegExp;
  readonly rules: (request: SentRequest) => readonly BrokenRule[];
  readonly refusal: (message: string) => object;
}

const APIS: readonly Api[] = [
  {
    path: /\/v1\/messages$/,
    rules: anthropicRules,
    refusal: (message) => ({ type: 'error', error: { type: 'invalid_request_error', message } }),
  },
  {
    path: /\/chat\/completions$/,
    rules: ({ body }) => openAiRules(body, COMPATIBLE),
    refusal: (message) => ({ error: { message, type: 'invalid_request_error', param: null, code: null } }),
  },
  {
    path: /\/responses$/,
    rules: ({ body }) => brokenResponsesRules(body),
    refusal: (message) => ({ error: { message, type: 'invalid_request_error', param: null, code: null } }),
  },
];

const broken: string[] = [];

/** For a test that means to send what is refused: the rules that were broken until now, which fail no test any more. */
export const takeBrokenRules = (): readonly string[] => broken.splice(0);

export const failOnBrokenRules = (): void => {
  const told = takeBrokenRules();
  if (told.length > 0) throw new Error(`a model's API refuses what was sent:\n${told.join('\n')}`);
};

const send = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const { pathname } = new URL(input instanceof Request ? input.url : input);
  const api = init?.method?.toUpperCase() === 'POST' ? APIS.find(({ path }) => path.test(pathname)) : undefined;
  if (!api || typeof init?.body !== 'string') return await send(input, init);
  const rules = api.rules({ headers: Object.fromEntries(new Headers(init.headers)), body: JSON.parse(init.body) });
  if (rules.length === 0) return await send(input, init);
  broken.push(...rules.map(({ rule, message }) => `${rule}: ${message}`));
  const status = rules.every(({ rule }) => rule === 'request-size') ? 413 : 400;
  return Response.json(api.refusal(rules.map(({ message }) => message).join('; ')), { status });
};
