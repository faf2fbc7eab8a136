import { type Agent, DEFAULT_PROMISE_AGENT, type ReplyLimits } from '../domain/agent/agent.ts';
import { CHAT_AGENT } from '../domain/agent/built-in.ts';
import { modelNameOf, readModelReference } from '../domain/agent/model-reference.ts';
import { type Budget, inDollars, type MicroUsd } from '../domain/budget/money.ts';
import { mostCostOf, type Prices, priceOf } from '../domain/budget/prices.ts';
import type { AccessPolicy } from '../domain/workspace/policy.ts';
import { type ConfigProblem, warning } from './problems.ts';
import type { AgentSettings } from './sections/agents.ts';
import type { ModelSettings } from './sections/models.ts';

interface Parts {
  readonly policy: AccessPolicy;
  readonly models: ModelSettings;
  readonly agents: Pick<AgentSettings, 'all' | 'chat' | 'promise'>;
  /** What one promise may cost, where no budget says less. */
  readonly perPromise?: Budget | undefined;
  readonly prices: Prices;
}

/** A budget, the agent that answers chats within it, and where it stands. */
interface Held {
  readonly budget: Budget;
  readonly chatAgent?: string | undefined;
  readonly place: string;
}

/**
 * Budgets under which nothing is answered: no price is known of a model, or one step may cost more than they allow.
 * `file` is the name of the file of workspaces.
 */
export const budgetProblems = (file: string, parts: Parts): readonly ConfigProblem[] => {
  const { policy, perPromise } = parts;
  const { budget, workspaces, people } = policy;
  const inFile: readonly Omit<Held, 'place'>[] = [
    ...(budget ? [{ budget }] : []),
    ...workspaces.flatMap((each) => (each.budget ? [{ budget: each.budget, chatAgent: each.agent }] : [])),
    ...[...(people?.values() ?? [])].flatMap((each) => (each.budget ? [{ budget: each.budget }] : [])),
  ];
  const held: readonly Held[] = [
    ...inFile.map((each) => ({ ...each, place: `${file}: ${each.budget.path}` })),
    ...(perPromise ? [{ budget: perPromise, place: perPromise.path }] : []),
  ].filter((each) => limits(each.budget));
  return [...unpriced(held, parts), ...held.flatMap((each) => tooSmall(each, parts))];
};

/** 0 is for nothing. */
const limits = ({ daily, monthly, perPromise }: Budget): boolean => [daily, monthly, perPromise].some((amount) => (amount ?? 0) > 0);

const nameOf = (text: string, models: ModelSettings): string => {
  const reference = readModelReference(text);
  return reference ? modelNameOf(reference, models) : text;
};

/** The name of each model that may be asked for an agent. */
export const askedNames = ({
  models,
  agents,
  budgets,
}: Pick<Parts, 'models' | 'agents'> & { readonly budgets: readonly Budget[] }): readonly string[] => {
  const asked = [
    ...models.order,
    ...agents.all.flatMap(({ agent: { model } }) => model ?? []),
    ...budgets.flatMap(({ cheaperModel }) => cheaperModel ?? []),
    ...(models.summary === undefined ? [] : [models.summary]),
  ];
  return [...new Set(asked.map((text) => nameOf(text, models)))];
};

/** The budgets of a file of workspaces. */
export const budgetsOf = ({ budget, workspaces, people }: AccessPolicy): readonly Budget[] =>
  [budget, ...workspaces.map((each) => each.budget), ...[...(people?.values() ?? [])].map((each) => each.budget)].flatMap(
    (each) => each ?? [],
  );

/** One warning for each model without a price. */
const unpriced = (held: readonly Held[], { models, agents, prices }: Parts): readonly ConfigProblem[] => {
  const [first, ...others] = held;
  if (!first) return [];
  const names = askedNames({ models, agents, budgets: held.map(({ budget }) => budget) });
  const where = others.length === 0 ? 'this budget holds' : `this budget, or ${others.length} more, holds`;
  return names
    .filter((name) => priceOf(prices, name) === undefined)
    .map((name) =>
      warning(
        first.place,
        `no price is known of ${name}: where ${where}, it is not asked`,
        `add "${name}": {"input", "output", "asOf"} to prices.json, beside this file; see docs/how-to/budgets-and-prices.md`,
      ),
    );
};

const tooSmall = ({ budget, chatAgent, place }: Held, parts: Parts): readonly ConfigProblem[] => {
  const { agents } = parts;
  const chat = leastStep(named(chatAgent ?? CHAT_AGENT.name, agents), chatAgent === undefined ? agents.chat : {}, budget, parts);
  const promise = leastStep(named(DEFAULT_PROMISE_AGENT, agents), agents.promise, budget, parts);
  const problem = (key: string, amount: MicroUsd | undefined, step: Step | undefined, consequence: string): readonly ConfigProblem[] =>
    !step || !amount || step.cost <= amount
      ? []
      : [
          warning(
            key === '' ? place : `${place}.${key}`,
            `one step of ${step.agent} may cost ${inDollars(step.cost)} (${step.model}), more than this allows: ${consequence}`,
            `allow more, or lower ${step.lower}`,
          ),
        ];
  return [
    ...problem('daily_usd', budget.daily, chat, 'nothing is answered'),
    ...problem('monthly_usd', budget.monthly, chat, 'nothing is answered'),
    ...problem(budget.path === place ? '' : 'promise_usd', budget.perPromise, promise, 'no promise is kept'),
  ];
};

const named = (name: string, { all }: Parts['agents']): Agent | undefined => all.find(({ agent }) => agent.name === name)?.agent;

interface Step {
  readonly agent: string;
  readonly model: string;
  readonly cost: MicroUsd;
  /** What makes it cost less. */
  readonly lower: string;
}

/** What the longest reply costs without what it is asked, by the model that is asked first or the cheaper one. */
const leastStep = (agent: Agent | undefined, set: ReplyLimits, { cheaperModel }: Budget, { models, prices }: Parts): Step | undefined => {
  if (!agent) return undefined;
  const [usual] = agent.model === undefined ? models.order : [agent.model];
  const steps = [usual, cheaperModel].flatMap((text): readonly Step[] => {
    const price = text === undefined ? undefined : priceOf(prices, nameOf(text, models));
    if (text === undefined || !price) return [];
    const { maxOutputTokens = agent.limits.maxOutputTokens } = set;
    const outputTokens = Math.min(maxOutputTokens, ownLimit(text, models));
    const cost = mostCostOf({ inputTokens: 0, outputTokens }, price);
    const lower = `the longest reply: limits.maxOutputTokens of ${agent.name}, or the variable for its model`;
    return cost === undefined ? [] : [{ agent: agent.name, model: nameOf(text, models), cost, lower }];
  });
  return steps.toSorted((a, b) => a.cost - b.cost)[0];
};

const ownLimit = (text: string, models: ModelSettings): number => {
  const provider = readModelReference(text)?.provider;
  const own = provider === 'anthropic' || provider === 'openai' ? models[provider]?.maxOutputTokens : undefined;
  return own ?? Number.POSITIVE_INFINITY;
};
