import { expect } from 'chai';
import fc from 'fast-check';
import { SECRET_VARIABLES, VARIABLE_NAMES } from '../../src/config/environment.ts';
import { configOf, loadWith, problemsOf } from './loaded-config.ts';

describe('The secrets of the configuration', () => {
  it('quotes no configured secret in a problem, whichever variable it was pasted into', () => {
    const secret = fc
      .string({ unit: 'grapheme-ascii', minLength: 8, maxLength: 60 })
      .filter((text) => text.trim().length >= 8 && !text.includes(','));
    fc.assert(
      fc.property(
        secret,
        fc.constantFrom(...SECRET_VARIABLES),
        fc.uniqueArray(fc.constantFrom(...VARIABLE_NAMES.filter((name) => name !== 'KEPT_CONFIG')), { maxLength: 8 }),
        fc.constantFrom('workspace', 'key', 'group', 'user', 'chat', 'syntax', 'none'),
        (value, holder, others, where) => {
          const pasted = value.trim();
          const files: Record<string, unknown> = {
            workspace: { workspaces: { [pasted]: { description: 1, telegram_chat_ids: [pasted], [pasted]: 1 } } },
            key: { [pasted]: {}, telegram_groups: { [pasted]: pasted, '-1': pasted } },
            group: { telegram_groups: { '-1': pasted } },
            user: { dm_whitelist: { allowed_users: { [pasted]: { username: `x${pasted}` } }, allowed_user_ids: { [pasted]: {} } } },
            chat: {
              workspaces: {
                A: { description: '', workspace_type: 'a', working_directory: pasted, telegram_chat_ids: [pasted], aliases: [pasted] },
                B: { description: '', workspace_type: 'a', working_directory: '.', telegram_chat_ids: [], aliases: [pasted] },
              },
            },
            syntax: `{ ${pasted} }`,
          };
          const env = { [holder]: value, ...Object.fromEntries(others.map((name) => [name, value])) };
          const result = loadWith(env, files[where], { kindOf: () => 'missing' });
          const shown = problemsOf(result).flatMap(({ place, problem, hint }) => [place, problem, hint]);
          const leaks = shown.filter((text) => text.includes(pasted));
          expect(leaks, leaks.join('\n')).to.be.empty;
        },
      ),
      { numRuns: 500 },
    );
  });

  it('hands every secret to the redactor', () => {
    const env = { ANTHROPIC_API_KEY: 'a-secret-value', KEPT_API_TOKEN: 'another-secret-value' };
    expect(configOf(loadWith(env)).secrets).to.have.members(Object.values(env));
  });

  it('hides the keys of packages that an operator installs, and of other programs', () => {
    const env = { GOOGLE_GENERATIVE_AI_API_KEY: 'made-up-1', AWS_SECRET_ACCESS_KEY: 'made-up-2', AWS_REGION: 'eu-central-1' };
    expect(configOf(loadWith(env)).secrets).to.have.members(['made-up-1', 'made-up-2']);
  });
});
