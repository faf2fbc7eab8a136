import { expect } from 'chai';
import { readConfig } from '../../src/config/load-config.ts';
import { userId } from '../../src/domain/chat/ids.ts';
import { FILE, loadFile, policyOf, problemsOf, workspace } from './workspace-file.ts';

const told = (file: unknown, env?: Record<string, string>): readonly string[] =>
  problemsOf(loadFile(file, env)).map(({ severity, place, problem, hint }) => {
    return `${severity}: ${place.replace(`${FILE}: `, '')}: ${problem} (${hint})`;
  });

describe('Persons, roles and budgets of the file of workspaces', () => {
  it('are read with where each stands', () => {
    const loaded = loadFile(
      {
        people: {
          'telegram:501': { name: 'Anna', role: 'owner', budget: { daily_usd: 1.25 } },
          'telegram:502': { name: 'Ben', description: 'Tends the trees' },
        },
        workspaces: {
          Orchard: workspace({
            telegram_chat_ids: ['-1'],
            roles: { 502: 'guest', 'telegram:503': 'member' },
            approve: ['search_web', 'make_promise', 'mcp__*'],
            budget: { daily_usd: 5, monthly_usd: 100.5, promise_usd: 0, warn_at: 0.5, cheaper_model: 'anthropic/claude-haiku-5-5' },
          }),
        },
        budget: { monthly_usd: 0.000001 },
      },
      { ANTHROPIC_API_KEY: 'sk-ant-api03-Zm9vYmFyYmF6cXV4' },
    );
    expect(problemsOf(loaded).map(({ place }) => place)).to.deep.equal([`${FILE}: budget.monthly_usd`]);
    const { people, workspaces, budget } = policyOf(loaded);
    expect([...(people ?? [])]).to.deep.equal([
      [
        'telegram:501',
        {
          name: 'Anna',
          role: 'owner',
          budget: { daily: 1_250_000, warnAt: 0.8, path: 'people.telegram:501.budget' },
          path: 'people.telegram:501',
        },
      ],
      ['telegram:502', { name: 'Ben', path: 'people.telegram:502' }],
    ]);
    expect([...(workspaces[0]?.roles ?? [])]).to.deep.equal([
      ['telegram:502', { role: 'guest', path: 'workspaces.Orchard.roles.502' }],
      ['telegram:503', { role: 'member', path: 'workspaces.Orchard.roles.telegram:503' }],
    ]);
    expect(workspaces[0]?.approve).to.deep.equal(['search_web', 'make_promise', 'mcp__*']);
    expect(workspaces[0]?.budget).to.deep.equal({
      daily: 5_000_000,
      monthly: 100_500_000,
      perPromise: 0,
      warnAt: 0.5,
      cheaperModel: 'anthropic/claude-haiku-5-5',
      path: 'workspaces.Orchard.budget',
    });
    expect(budget).to.deep.equal({ monthly: 1, warnAt: 0.8, path: 'budget' });
  });

  it('say which person or role is wrong, and what to write', () => {
    expect(
      told({
        people: {
          '@anna': { name: 'Anna' },
          'local:operator': { name: 'Me', role: 'owner' },
          501: { name: 'Anna', role: 'onwer' },
          'telegram:501': { name: 'Ann', role: 'owner' },
          '-1001': { name: 'A group' },
          502: { role: 'guest' },
          503: { name: 'Cleo', rol: 'guest' },
        },
        workspaces: { A: workspace({ telegram_chat_ids: ['-1'], roles: { 501: 'admin', 'telegram:501': 'guest', ann: 'owner' } }) },
      }),
    ).to.have.members([
      'error: people.@anna: this is not the id of a person (write the number of the person, such as "501" or "telegram:501": /whoami tells it; a username can change hands)',
      'error: people.local:operator: this is no person of a gateway (remove it: the operator at this machine may do everything)',
      'error: people.501.role: there is no role "onwer" (did you mean "owner"?)',
      'error: people.telegram:501: this person stands at people.501 too (remove one of the two)',
      'error: people.-1001: this is not the id of a person (write the number of the person, such as "501" or "telegram:501": /whoami tells it; a username can change hands)',
      'error: people.502.name: this required key is missing (add it: a text in double quotes)',
      'error: people.503.rol: this key is not known (did you mean "role"?)',
      'error: workspaces.A.roles.501: there is no role "admin" (there are: owner, member, guest)',
      'error: workspaces.A.roles.telegram:501: this person stands at workspaces.A.roles.501 too (remove one of the two)',
      'error: workspaces.A.roles.ann: this is not the id of a person (write the number of the person, such as "501" or "telegram:501": /whoami tells it; a username can change hands)',
    ]);
  });

  it('say which amount is wrong, and what to write', () => {
    expect(
      told(
        {
          budget: { daily_usd: -1, monthly_usd: '5', warn_at: 80, dayly_usd: 3 },
          people: { 501: { name: 'Anna', budget: { daily_usd: 0.0000001, warn_at: 0, cheaper_model: 'claude-haiku-5-5' } } },
          workspaces: {
            A: workspace({ budget: { daily_usd: 1e12, cheaper_model: 'openai/gpt-9' } }),
            B: workspace({ budget: { warn_at: 0.5 } }),
            C: workspace({ budget: { daily_usd: 5, monthly_usd: 4 } }),
          },
        },
        { ANTHROPIC_API_KEY: 'sk-ant-api03-Zm9vYmFyYmF6cXV4' },
      ),
    ).to.have.members([
      'error: budget.daily_usd: this amount is negative (write what may be spent in US dollars: 5, 0.25, or 0 for nothing)',
      'error: budget.monthly_usd: this must be a number (write it without quotes and signs: 5 or 0.25)',
      'error: budget.warn_at: this is no share above 0 and at most 1 (write 0.8 for 80 %)',
      'error: budget.dayly_usd: this key is not known (did you mean "daily_usd"?)',
      'error: people.501.budget.daily_usd: this amount is finer than a millionth of a dollar (write at most 6 digits behind the point)',
      'error: people.501.budget.warn_at: this is no share above 0 and at most 1 (write 0.8 for 80 %)',
      'error: people.501.budget.cheaper_model: no model is called "claude-haiku-5-5" (did you mean "anthropic/claude-haiku-5-5"?)',
      'error: workspaces.A.budget.daily_usd: this is more than 1000000000 US dollars (write a smaller amount, or leave the key out)',
      'error: workspaces.A.budget.cheaper_model: names openai, which is not configured (set OPENAI_API_KEY or OPENAI_BASE_URL)',
      'warning: workspaces.B.budget: this budget limits nothing (add daily_usd or monthly_usd)',
      'warning: workspaces.C.budget.monthly_usd: the month has less than one of its days (give the month more than daily_usd, or leave one of both out)',
    ]);
  });

  it('warn of what has no effect', () => {
    expect(
      told({
        people: { 501: { name: 'Anna', role: 'owner' }, 502: { name: 'Ben', role: 'owner' }, 503: { name: 'Cleo' } },
        dm_whitelist: { allowed_user_ids: { 502: {} } },
        workspaces: { A: workspace({ roles: { 501: 'owner' } }) },
      }),
    ).to.have.members([
      'warning: people.501: this owner can write nowhere (add a group to a workspace, or the person to dm_whitelist.allowed_user_ids)',
      'warning: workspaces.A.roles: this workspace has no group in which the owner could speak (add one to telegram_chat_ids)',
    ]);
    expect(
      told({ workspaces: { A: workspace({ approve: ['serch_web', 'remember', 'schedule_promise', 'mcp__fils__read', 'make_*'] }) } }).map(
        (line) => line.replace(/ \(.*/, ''),
      ),
    ).to.deep.equal([
      'warning: workspaces.A.approve[0]: there is no tool "serch_web"',
      "warning: workspaces.A.approve[1]: remember can't wait for an approval: agents are refused it here",
      "warning: workspaces.A.approve[2]: schedule_promise can't wait for an approval: agents are refused it here",
      'warning: workspaces.A.approve[3]: no MCP server is called "fils"',
    ]);
  });

  it('warn of names that stand for somebody else, or that nobody can tell apart', () => {
    const people = Object.fromEntries(
      ['Anna', 'аnnа', 'The Operator', 'operator', '@ben', 'telegram:501', '7', 'Orchard', 'the mill', 'Ev\u202ee', 'Jo', 'Анна'].map(
        (name, at) => [`telegram:${501 + at}`, { name }],
      ),
    );
    const workspaces = { Orchard: workspace(), Water: workspace({ aliases: ['The Mill'] }) };
    const hint = 'call each person by a name that only they have';
    expect(told({ people, workspaces }).map((line) => line.replace('warning: people.telegram:', ''))).to.deep.equal([
      `502.name: this looks like the name of people.telegram:501, "Anna" (${hint})`,
      `503.name: this is the operator's name (${hint})`,
      `504.name: this is the operator's name (${hint})`,
      '505.name: this reads as a username (write the name by which people know them)',
      '506.name: this reads as an id (write the name by which people know them)',
      '507.name: this reads as an id (write the name by which people know them)',
      `508.name: this is the name of workspaces.Orchard, too (${hint})`,
      `509.name: this is the name of workspaces.Water, too (${hint})`,
      '510.name: this holds characters that are not seen (write it without them)',
    ]);
  });

  it('warn of a budget under which a model is not asked, or no step fits', () => {
    const budget = { daily_usd: 0.2, monthly_usd: 40, promise_usd: 0.5 };
    const openai = { OPENAI_API_KEY: 'sk-proj-Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4', OPENAI_MODEL: 'gpt-9' };
    const anthropic = { ANTHROPIC_API_KEY: 'sk-ant-api03-Zm9vYmFyYmF6cXV4' };
    const price = 'add "openai/gpt-9": {"input", "output", "asOf"} to prices.json, beside this file; see docs/how-to/budgets-and-prices.md';
    expect(told({ budget }, openai)).to.deep.equal([
      `warning: budget: no price is known of openai/gpt-9: where this budget holds, it is not asked (${price})`,
    ]);
    expect(told({}, openai)).to.deep.equal([]);
    expect(told({ budget: { daily_usd: 0 } }, openai)).to.deep.equal([]);
    expect(told({}, { ...openai, KEPT_PROMISE_USD: '1' })).to.deep.equal([
      `warning: KEPT_PROMISE_USD: no price is known of openai/gpt-9: where this budget holds, it is not asked (${price})`,
    ]);
    // 32,000 tokens of a reply, and 64,000 of one for a promise, at $10 a million.
    const lower = (agent: string) =>
      `(allow more, or lower the longest reply: limits.maxOutputTokens of ${agent}, or the variable for its model)`;
    expect(told({ budget }, anthropic)).to.deep.equal([
      `warning: budget.daily_usd: one step of telegram_chat_agent may cost $0.32 (anthropic/claude-sonnet-5-5), more than this allows: nothing is answered ${lower('telegram_chat_agent')}`,
      `warning: budget.promise_usd: one step of valor_agent may cost $0.64 (anthropic/claude-sonnet-5-5), more than this allows: no promise is kept ${lower('valor_agent')}`,
    ]);
    expect(told({}, { ...anthropic, KEPT_PROMISE_USD: '0.5' })).to.deep.equal([
      `warning: KEPT_PROMISE_USD: one step of valor_agent may cost $0.64 (anthropic/claude-sonnet-5-5), more than this allows: no promise is kept ${lower('valor_agent')}`,
    ]);
    expect(told({ budget }, { ...anthropic, ANTHROPIC_MAX_OUTPUT_TOKENS: '20000' })).to.deep.equal([]);
    expect(told({ budget }, { ...anthropic, KEPT_CHAT_MAX_OUTPUT_TOKENS: '9000', KEPT_PROMISE_MAX_OUTPUT_TOKENS: '9000' })).to.deep.equal(
      [],
    );
    expect(told({ budget: { ...budget, cheaper_model: 'anthropic/claude-haiku-5-5' } }, anthropic)).to.deep.equal([]);
    expect(told({ budget }, { KEPT_MODELS: 'rehearsal' })).to.deep.equal([]);
  });

  it('allow less, never more, where a part cannot be read', () => {
    const { config, problems } = readConfig({
      env: {},
      cwd: '/cwd',
      readFile: (path) =>
        !path.endsWith('workspace_config.json')
          ? undefined
          : JSON.stringify({
              people: { 501: { name: 'Anna', role: 'onwer' } },
              workspaces: { A: workspace({ telegram_chat_ids: ['-1'], roles: { 502: 7 } }) },
              budget: { daily_usd: -5 },
            }),
      kindOf: () => 'directory',
    });
    expect(problems).to.have.length(3);
    expect(config.policy.people?.get(userId('telegram:501'))?.role).to.equal('guest');
    expect(config.policy.workspaces[0]?.roles?.get(userId('telegram:502'))?.role).to.equal('guest');
    expect(config.policy.budget?.daily).to.equal(0);
  });
});
