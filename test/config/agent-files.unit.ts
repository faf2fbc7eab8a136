import { expect } from 'chai';
import { CHAT_AGENT, PROMISE_AGENT } from '../../src/domain/agent/built-in.ts';
import { withSkills } from '../../src/domain/agent/skill.ts';
import { CWD, configOf, loadWith, problemsOf } from './loaded-config.ts';

type Files = Readonly<Record<string, string>>;

/** Loads the configuration with these files; paths start at the working directory. */
const loadFiles = (files: Files, env: Record<string, string> = {}, workspaces?: object) => {
  const at = new Map(Object.entries(files).map(([path, text]) => [`${CWD}/${path}`, text]));
  const directories = new Set(
    [...at.keys()].flatMap((path) => path.split('/').map((_, i, parts) => parts.slice(0, i).join('/'))).filter((path) => path !== ''),
  );
  const namesIn = (path: string) => [...new Set([...at.keys(), ...directories].filter((each) => each.startsWith(`${path}/`)))];
  return loadWith(env, undefined, {
    readFile: (path) => (workspaces && path.endsWith('workspace_config.json') ? JSON.stringify(workspaces) : at.get(path)),
    kindOf: (path) => (at.has(path) ? 'file' : directories.has(path) || path.endsWith('/work') ? 'directory' : 'missing'),
    listDirectory: (path) =>
      directories.has(path) ? [...new Set(namesIn(path).map((each) => each.slice(path.length + 1).split('/')[0] ?? ''))] : undefined,
  });
};
const agentsOf = (files: Files) => configOf(loadFiles(files)).agents;
const placesOf = (files: Files, env?: Record<string, string>) =>
  problemsOf(loadFiles(files, env)).map(({ place, problem, hint }) => `${place}: ${problem} → ${hint}`);

const TASTER = '---\nname: tea_taster\ndescription: Tastes tea.\ntools: [read_file, mcp__kitchen__*]\n---\nTaste it.\n';
const BREWING = '---\ndescription: How long to brew.\n---\nTwo minutes.\n';

describe('Files of agents', () => {
  it('leave the built-in agents alone where there are none', () => {
    const { all } = agentsOf({});
    expect(all.map(({ agent, source }) => [agent.name, source])).to.deep.equal([
      ['telegram_chat_agent', 'built-in'],
      ['valor_agent', 'built-in'],
      ['notion_scout', 'built-in'],
    ]);
  });

  it('add an agent with everything that they say', () => {
    const text = TASTER.replace('---\nTaste', 'model: rehearsal\nlimits:\n  maxSteps: 3\n  timeoutSeconds: 60\n---\nTaste');
    const [added] = agentsOf({ 'config/agents/x.md': text }).all.filter(({ source }) => source !== 'built-in');
    expect(added?.source).to.equal('config/agents/x.md');
    expect(added?.agent).to.deep.include({
      name: 'tea_taster',
      description: 'Tastes tea.',
      instructions: 'Taste it.',
      model: 'rehearsal',
      tools: ['read_file', 'mcp__kitchen__*'],
    });
    expect(added?.agent.limits).to.deep.include({ maxSteps: 3, timeoutSeconds: 60 });
  });

  it('replace of a built-in agent what they write, and take its name from the file', () => {
    const { all } = agentsOf({ 'config/agents/valor_agent.md': '---\nlimits: {maxSteps: 9}\n---\n' });
    const agent = all.find((each) => each.agent.name === 'valor_agent')?.agent;
    expect(agent).to.deep.equal({ ...PROMISE_AGENT, limits: { ...PROMISE_AGENT.limits, maxSteps: 9 } });
    expect(all).to.have.length(3);
  });

  const bad: Readonly<Record<string, [text: string, ...problems: RegExp[]]>> = {
    'no front matter': ['Taste tea.', /has no front matter/],
    'a fence that never ends': ['---\nname: tea\nTaste tea.', /has no front matter/],
    'no YAML, with its line': ['---\nname: tea\ndescription: [\n---\nx', /x\.md: line \d: is no YAML/],
    'a key that stands twice': ['---\nname: a\nname: b\n---\nx', /line 3: .*unique/],
    'an alias': ['---\nname: &a tea\ndescription: *a\n---\nx', /alias/],
    'an unknown tag': ['---\nname: !js/function "x"\n---\nx', /line 2: .*[Tt]ag/],
    'a list': ['---\n- a\n---\nx', /no keys/],
    'an unknown key, with the nearest one': [
      '---\ndescripton: x\n---\nx',
      /descripton: .*did you mean "description"/,
      /description: is missing/,
    ],
    'an unknown limit': ['---\ndescription: x\nlimits: {maxStep: 3}\n---\nx', /limits\.maxStep: .*did you mean "maxSteps"/],
    'limits out of bounds': [
      '---\ndescription: x\nlimits: {maxSteps: 0, maxOutputTokens: 9000000, timeoutSeconds: 1.5}\n---\nx',
      /limits\.maxSteps: must be at least 1 →/,
      /limits\.maxOutputTokens: must be at most 1000000 →/,
      /limits\.timeoutSeconds: must be a whole number →/,
    ],
    'values of other kinds': [
      `---\ndescription: [a]\nname: 3\nmodel: {a: b}\ntools: 3\nskills: {a: b}\nlimits: none\n---\nx`,
      /name: must be a text →/,
      /description: must be a text →/,
      /model: must be a text →/,
      /tools: must be a list of names →/,
      /skills: must be a list of names →/,
      /limits: must be keys with values/,
    ],
    'texts that are empty or too long': [
      `---\ndescription: ${'x'.repeat(1_001)}\nmodel: ""\n---\nx`,
      /description: is longer than 1000 characters →/,
      /model: must not be empty →/,
    ],
    'an unknown tool beside a bad key': [
      '---\ndescription: x\nnme: y\ntools: [raed_file]\n---\nx',
      /nme/,
      /no tool "raed_file" → did you mean "read_file"/,
    ],
    'an unknown skill': ['---\ndescription: x\nskills: [brewin]\n---\nx', /no skill "brewin" → did you mean "brewing"/],
    'an unknown model': ['---\ndescription: x\nmodel: antropic\n---\nx', /model: .*did you mean "anthropic"/],
    'a model that is not configured': ['---\ndescription: x\nmodel: anthropic\n---\nx', /model: .*ANTHROPIC_API_KEY/],
    'a name that is none': ['---\nname: Tea Taster\ndescription: x\n---\nx', /name: a name begins with/],
    'no instructions': ['---\ndescription: x\n---\n', /has no instructions/],
    'no text': ['---\ndescription: \uFFFD\n---\nx', /UTF-8/],
    'a huge file': [`---\ndescription: x\n---\n${'x'.repeat(200_001)}`, /longer than/],
  };
  for (const [what, [text, ...problems]] of Object.entries(bad))
    it(`are refused, with all problems at once: ${what}`, () => {
      const told = placesOf({ 'config/agents/x.md': text, 'config/skills/brewing/SKILL.md': BREWING });
      for (const problem of problems) expect(told.join('\n')).to.match(problem);
      expect(told).to.have.length(problems.length);
    });

  it('that are pipes are refused, and not read, like the other files of the configuration', () => {
    const loaded = loadWith({}, undefined, {
      readFile: (path) => {
        throw new Error(`to read ${path} would wait for ever`);
      },
      kindOf: () => 'other',
      listDirectory: (path) => (path.endsWith('agents') ? ['pipe.md'] : undefined),
    });
    expect(
      problemsOf(loaded)
        .filter(({ problem }) => problem === 'is not a regular file')
        .map(({ place }) => place),
    ).to.have.members(['config/workspace_config.json', 'config/prices.json', 'config/alerts.json', 'config/agents/pipe.md', '.mcp.json']);
  });

  const links = (folder: string) => ({
    kindOf: (path: string) => (path.endsWith(`config/${folder}`) ? ('directory' as const) : ('missing' as const)),
    listDirectory: (path: string) => (path.endsWith(folder) ? ['gone.md'] : undefined),
    readFile: () => undefined,
  });
  for (const folder of ['agents', 'skills'])
    it(`that are links which lead nowhere are told as such: ${folder}`, () => {
      expect(problemsOf(loadWith({}, undefined, links(folder)))).to.deep.equal([
        {
          place: `config/${folder}/gone.md`,
          problem: 'is a link that leads nowhere',
          hint: 'correct the link, or remove it',
          severity: 'error',
        },
      ]);
    });

  it('that hold a key are warned of, by their line and without the key', () => {
    const key = `sk-ant-api03-${'k3yOfNobody'.repeat(8)}`;
    const told = placesOf({
      'config/agents/x.md': TASTER.replace('Taste it.', `Taste it.\nThe key is ${key}.`),
      'config/skills/brewing/SKILL.md': `${BREWING}password: hunter2-of-nobody\n`,
    });
    expect(told).to.have.length(2);
    expect(told.join('\n'))
      .to.match(/config\/agents\/x\.md: line 7: holds what looks like a key/)
      .and.match(/config\/skills\/brewing\/SKILL\.md: line 5: holds what looks like a key/)
      .and.not.match(/sk-ant|hunter2/);
    expect(problemsOf(loadFiles({ 'config/agents/x.md': TASTER }))).to.deep.equal([]);
  });

  it('of one name are refused, naming both', () => {
    const [problem] = placesOf({ 'config/agents/a.md': TASTER, 'config/agents/b.md': TASTER });
    expect(problem).to.include('config/agents/b.md: name').and.include('config/agents/a.md');
  });

  it('may stand elsewhere; a directory that is named must be there', () => {
    const files = { 'mine/x.md': TASTER };
    expect(configOf(loadFiles(files, { KEPT_AGENTS_DIR: 'mine' })).agents.all).to.have.length(4);
    for (const [variable, usual] of [
      ['KEPT_AGENTS_DIR', 'mine'],
      ['KEPT_SKILLS_DIR', 'skills'],
    ] as const) {
      const none = loadFiles(files, { [variable]: 'yours' });
      expect(problemsOf(none).map(({ problem }) => problem)).to.deep.equal([`there is no directory ${CWD}/yours`]);
      const file = loadWith({ [variable]: usual }, undefined, {
        kindOf: (path) => (path.endsWith(usual) ? 'file' : 'missing'),
        listDirectory: () => {
          throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR' });
        },
      });
      const told = problemsOf(file).filter(({ place }) => place === variable || place === usual);
      expect(told.map(({ problem }) => problem)).to.deep.equal([`${CWD}/${usual} is not a directory`]);
    }
  });

  it('of an agent that a workspace names must be there', () => {
    const workspace = { description: '', workspace_type: 'team', working_directory: '/work', telegram_chat_ids: [], agent: 'tea_tster' };
    const files = { 'config/agents/x.md': TASTER };
    const [problem] = problemsOf(loadFiles(files, {}, { workspaces: { Tea: workspace } }));
    expect(problem).to.deep.include({ place: 'workspaces.Tea.agent', hint: 'did you mean "tea_taster"?' });
    expect(problemsOf(loadFiles(files, {}, { workspaces: { Tea: { ...workspace, agent: 'tea_taster' } } }))).to.deep.equal([]);
  });

  it('of an agent that a workspace names should have tools here', () => {
    const workspace = { description: '', workspace_type: 'team', working_directory: '/work', telegram_chat_ids: [], agent: 'notion_scout' };
    const warned = (env: Record<string, string>) => problemsOf(loadFiles({}, env, { workspaces: { Tea: workspace } }));
    expect(warned({})).to.deep.equal([
      {
        place: 'workspaces.Tea.agent',
        problem: 'the agent "notion_scout" has no tools here',
        hint: 'set NOTION_API_KEY, or name another agent',
        severity: 'warning',
      },
    ]);
    expect(warned({ NOTION_API_KEY: 'ntn_0123456789abcdefghijklmnopqrstuvwxyz' })).to.deep.equal([]);
  });
});

describe('Skills', () => {
  const { skills } = agentsOf({ 'config/skills/brewing/SKILL.md': BREWING, 'config/skills/pots/SKILL.md': BREWING });

  it('take their name from the folder', () =>
    expect(skills[0]).to.deep.equal({ name: 'brewing', description: 'How long to brew.', directory: `${CWD}/config/skills/brewing` }));

  it('are told to the agents that name them, with the tool to read them', () => {
    const agent = withSkills({ ...CHAT_AGENT, skills: ['brew*'] }, skills);
    expect(agent.instructions).to.match(/- brewing: How long to brew\.$/);
    expect(agent.instructions).not.to.include('pots');
    expect(agent.tools).to.include('read_skill');
    expect(withSkills(CHAT_AGENT, skills)).to.equal(CHAT_AGENT);
  });

  it('without a description or a SKILL.md are problems', () => {
    const [nothing, noFile] = placesOf({ 'config/skills/a/SKILL.md': '---\nname: a\n---\n', 'config/skills/b/other.md': 'x' });
    expect(nothing).to.include('config/skills/a/SKILL.md: description: is missing');
    expect(noFile).to.include('config/skills/b/SKILL.md: is missing');
  });

  it('that are huge go into several files', () => {
    const [told] = placesOf({ 'config/skills/a/SKILL.md': `${BREWING}${'x'.repeat(200_001)}` });
    expect(told).to.equal('config/skills/a/SKILL.md: is longer than 200000 characters → move parts of it into other files of its folder');
  });

  it('have a name of small letters, be it written or that of their folder', () => {
    const wrong = /SKILL\.md: name: "?[^:]*is no name of a skill → write small letters, digits, _ and -$/;
    expect(placesOf({ 'config/skills/Tea House/SKILL.md': BREWING })[0]).to.match(wrong);
    expect(placesOf({ 'config/skills/*/SKILL.md': BREWING })[0]).to.match(wrong);
    expect(placesOf({ 'config/skills/a/SKILL.md': `---\nname: Tea House\n${BREWING.slice(4)}` })[0]).to.match(wrong);
    expect(agentsOf({ 'config/skills/Tea House/SKILL.md': `---\nname: tea\n${BREWING.slice(4)}` }).skills).to.have.length(1);
  });
});
