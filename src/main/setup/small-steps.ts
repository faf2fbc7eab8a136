import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { whyClaudeIsMissing } from '../coding-help.ts';
import { dollarsIn } from './dollars.ts';
import { hasModel } from './model-step.ts';
import { mayReplace, type Setup, StepFailed, untilItWorks, write } from './setup.ts';
import { withDailyBudget } from './workspace-text.ts';

/** Whether an agent may change code, in the directory of the project. */
export const codingStep = async (setup: Setup, workspace: string | undefined): Promise<void> => {
  const { files, flags, person, tell } = setup;
  const before = files.current('KEPT_CODING_AGENT');
  const wanted = flags.codingAgent;
  if (wanted === 'none') return tell('coding', before === undefined ? 'not used' : `kept (${before})`);
  if (wanted === undefined && before !== undefined) return tell('coding', `kept (${before})`);
  if (wanted === undefined) {
    if (!person || files.current('ANTHROPIC_API_KEY') === undefined) return;
    if (!(await person.confirm('May it change code, through Claude Code?', false))) return;
  }
  const variables = { KEPT_CODING_AGENT: wanted ?? 'claude-code' };
  const found = await untilItWorks(setup, async () => {
    const { coding } = files.preview({ variables });
    const missing = coding.agent?.kind === 'claude-code' ? whyClaudeIsMissing() : undefined;
    if (missing) throw new StepFailed(missing.problem, missing.hint, 'init/no-claude-code');
    return true;
  });
  if (!found) return tell('coding', 'left out');
  if (before !== undefined && before !== wanted && !(await mayReplace(setup, 'KEPT_CODING_AGENT')))
    return tell('coding', `kept (${before})`);
  write(setup, { variables });
  const { policy } = files.config();
  const directory = policy.workspaces.find(({ name }) => name === workspace)?.directory ?? policy.whitelist.defaultDirectory;
  tell('coding', `${variables.KEPT_CODING_AGENT}, in ${directory}`);
  if (!existsSync(join(directory, '.git')))
    tell('warning', `${directory} is no Git repository\n  → run \`git init\` there, so that a change can be seen and taken back`);
};

/** What may be spent in a day, by everybody together. */
export const budgetStep = async (setup: Setup): Promise<void> => {
  const { files, flags, person, tell } = setup;
  const before = files.config().policy.budget?.daily;
  if (flags.budget === 'none') return tell('budget', before === undefined ? 'without a limit' : 'kept');
  if (flags.budget === undefined && before !== undefined) return tell('budget', `kept ($${before / 1_000_000} a day)`);
  if (flags.budget === undefined && (!person || !hasModel(setup))) return;
  const usd = flags.budget ?? (await untilItWorks(setup, async () => askDollars(setup)));
  if (usd === undefined) return tell('budget', 'without a limit');
  if (before !== undefined && before !== usd * 1_000_000 && !(await mayReplace(setup, 'The budget'))) return tell('budget', 'kept');
  write(setup, { workspaces: (written) => withDailyBudget(written, usd) });
  tell('budget', `$${usd} a day`);
};

const askDollars = async ({ person }: Setup): Promise<number | undefined> => {
  const written = (await person?.ask('How many US dollars may it spend in a day? (Enter alone: no limit): ')) ?? '';
  return written === '' ? undefined : dollarsIn(written);
};
