import { expect } from 'chai';
import { SECRET_VARIABLES } from '../../src/config/environment.ts';
import { configOf, loadWith, onlyProblem, problemsOf } from './loaded-config.ts';

const codingOf = (env: Record<string, string>) => configOf(loadWith(env)).coding;

describe('The variables of the coding agent', () => {
  it('leave it out where none is named', () => {
    expect(codingOf({})).to.deep.equal({ limits: { maxTurns: 100, maxCostUsd: 5 }, env: {} });
  });

  it('name Claude Code, with its model and limits', () => {
    const env = { KEPT_CODING_AGENT: 'claude-code', ANTHROPIC_API_KEY: 'sk-ant-x', KEPT_CODING_MODEL: 'm', KEPT_CODING_MAX_TURNS: '7' };
    expect(codingOf({ ...env, KEPT_CODING_MAX_COST_USD: '0.50' })).to.deep.equal({
      agent: { kind: 'claude-code' },
      model: 'm',
      limits: { maxTurns: 7, maxCostUsd: 0.5 },
      env: {},
    });
  });

  it('name a command that speaks ACP, with quotation marks around blanks', () => {
    expect(codingOf({ KEPT_CODING_AGENT: `acp:"/opt/my agent/run" --acp --name='a b' x` }).agent).to.deep.equal({
      kind: 'acp',
      command: ['/opt/my agent/run', '--acp', '--name=a b', 'x'],
    });
  });

  it('refuse what names no agent', () => {
    for (const value of ['codex', 'acp:', 'acp:  ', 'acp:"x'])
      expect(onlyProblem(loadWith({ KEPT_CODING_AGENT: value })), value).to.include({ place: 'KEPT_CODING_AGENT', severity: 'error' });
    expect(onlyProblem(loadWith({ KEPT_CODING_AGENT: 'claude-code' })).problem).to.include('ANTHROPIC_API_KEY');
  });

  it('suggest the nearest name', () => {
    expect(onlyProblem(loadWith({ KEPT_CODING_AGENT: 'claude-cod' })).hint).to.equal('did you mean "claude-code"?');
  });

  it('refuse a command that is not found, and one that each workspace would have its own of', () => {
    const hasCommand = (name: string): boolean => name === 'gemini';
    expect(codingOf({ KEPT_CODING_AGENT: 'acp:gemini --acp' })).to.have.property('agent');
    expect(onlyProblem(loadWith({ KEPT_CODING_AGENT: 'acp:gemni --acp' }, undefined, { hasCommand }))).to.deep.include({
      place: 'KEPT_CODING_AGENT',
      problem: 'names the command gemni, which is not found',
      severity: 'error',
    });
    for (const command of ['./agent', 'bin/agent --acp', '../agent'])
      expect(onlyProblem(loadWith({ KEPT_CODING_AGENT: `acp:${command}` })).hint, command).to.equal('write the path in full');
  });

  it('pass on what is named, which is secret by its name, and nothing of Kept', () => {
    const passed = {
      KEPT_CODING_AGENT: 'acp:x',
      KEPT_CODING_ENV: 'GEMINI_API_KEY, REGION',
      GEMINI_API_KEY: 'a-long-key-of-gemini',
      REGION: 'eu',
    };
    const config = configOf(loadWith(passed));
    expect(config.coding.env).to.deep.equal({ GEMINI_API_KEY: 'a-long-key-of-gemini', REGION: 'eu' });
    expect(config.secrets).to.include('a-long-key-of-gemini').and.not.include('eu');
    for (const name of SECRET_VARIABLES.filter((one) => !/^(ANTHROPIC|OPENAI)_/.test(one)))
      expect(onlyProblem(loadWith({ KEPT_CODING_AGENT: 'acp:x', KEPT_CODING_ENV: name })).problem, name).to.include("Kept's own");
    expect(onlyProblem(loadWith({ KEPT_CODING_AGENT: 'acp:x', KEPT_CODING_ENV: 'NOWHERE' }))).to.include({ severity: 'warning' });
  });

  it('are secret by every name that other files know for secrets', () => {
    for (const name of ['GITHUB_PAT', 'SENTRY_DSN', 'PROXY_AUTH', 'SESSION_COOKIE', 'MY_PASSWD', 'SHORT_KEY']) {
      const config = configOf(loadWith({ KEPT_CODING_AGENT: 'acp:x', KEPT_CODING_ENV: name, [name]: 'made-up' }));
      expect(config.secrets, name).to.include('made-up');
    }
  });

  it('warn where they have no effect, and refuse amounts that are none', () => {
    expect(onlyProblem(loadWith({ KEPT_CODING_MAX_TURNS: '7' }))).to.include({ place: 'KEPT_CODING_MAX_TURNS', severity: 'warning' });
    for (const amount of ['0', '-1', 'much', '1e2', '2000'])
      expect(problemsOf(loadWith({ KEPT_CODING_AGENT: 'acp:x', KEPT_CODING_MAX_COST_USD: amount })), amount).to.have.length(1);
  });
});
