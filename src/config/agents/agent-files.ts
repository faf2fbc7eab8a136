import { basename, join } from 'node:path';
import { z } from 'zod';
import { type Agent, DEFAULT_LIMITS, isAgentName } from '../../domain/agent/agent.ts';
import { type KnownModels, modelReferenceProblem } from '../../domain/agent/model-reference.ts';
import type { Skill } from '../../domain/agent/skill.ts';
import { fitsName } from '../../domain/agent/tool-name.ts';
import { nearestName } from '../../domain/shared/nearest-name.ts';
import { present } from '../../domain/shared/present.ts';
import { err, ok, type Result } from '../../domain/shared/result.ts';
import { type ConfigProblem, error, keyPath, suggestion } from '../problems.ts';
import type { ConfigSources } from '../sources.ts';
import { type FrontMatter, readFrontMatter } from './front-matter.ts';
import { issueWords } from './issue-words.ts';
import { keysIn } from './keys-in.ts';
import { readEntry, readFolder } from './read-folder.ts';

/** Whether a file of this name, in the folder of agents, is one. */
export const isAgentFile = (name: string): boolean => /\.(?:md|markdown)$/i.test(name) && !/^readme\./i.test(name);

/** An agent, and where it is from: `built-in`, or the file as problems name it. */
export interface SourcedAgent {
  readonly agent: Agent;
  readonly source: string;
}

interface Known {
  readonly builtIn: readonly Agent[];
  readonly models: KnownModels;
  readonly skills: readonly Skill[];
  /** Names of all tools that come with Kept. Those of MCP servers are not known here. */
  readonly tools: readonly string[];
}

const names = z.union([z.array(z.string().trim().min(1)), z.string().transform((list) => list.split(',').map((name) => name.trim()))]);
const schema = z.strictObject({
  name: z.string().refine(isAgentName, 'a name begins with a small letter, and has small letters, digits, _ and -').optional(),
  description: z.string().trim().min(1).max(1_000).optional(),
  model: z.string().trim().min(1).optional(),
  tools: names.optional(),
  skills: names.optional(),
  limits: z
    .strictObject({
      maxSteps: z.number().int().min(1).max(200).optional(),
      maxOutputTokens: z.number().int().min(256).max(1_000_000).optional(),
      timeoutSeconds: z.number().int().min(1).max(86_400).optional(),
    })
    .optional(),
});
const KEYS = { '': Object.keys(schema.shape), limits: ['maxSteps', 'maxOutputTokens', 'timeoutSeconds'] } as const;

/**
 * The built-in agents and those of the files in `directory` (absolute; `named` is how problems name it). A file whose
 * agent has the name of a built-in one replaces what it writes of it. A file with problems gives no agent.
 */
export const readAgentFiles = (
  { directory, named }: { readonly directory: string; readonly named: string },
  known: Known,
  sources: ConfigSources,
): { readonly agents: readonly SourcedAgent[]; readonly problems: readonly ConfigProblem[] } => {
  const problems: ConfigProblem[] = [];
  const agents = new Map(known.builtIn.map((agent): [string, SourcedAgent] => [agent.name, { agent, source: 'built-in' }]));
  const folder = readFolder(directory, named, sources);
  problems.push(...folder.problems);
  for (const entry of folder.entries.filter(isAgentFile)) {
    const file = join(named, entry);
    const text = readEntry(join(directory, entry), { named: file, isListed: true }, sources);
    if (text.ok) problems.push(...keysIn(file, text.value));
    const matter = text.ok ? readFrontMatter(file, text.value) : text;
    const read = matter.ok ? agentOf(file, matter.value, known, sources.hasPackage) : matter;
    if (!read.ok) {
      problems.push(...read.error);
      continue;
    }
    const agent = read.value;
    const taken = agents.get(agent.name);
    if (taken && taken.source !== 'built-in')
      problems.push(error(`${file}: name`, `${agent.name} stands in ${taken.source} too`, 'give one of the two another name'));
    else agents.set(agent.name, { agent, source: file });
  }
  return { agents: [...agents.values()], problems };
};

const agentOf = (
  file: string,
  { values, body }: FrontMatter,
  known: Known,
  hasPackage: ConfigSources['hasPackage'],
): Result<Agent, readonly ConfigProblem[]> => {
  const read = schema.safeParse(values);
  const { name: named, description: said, model, tools, skills, limits = {} } = read.success ? read.data : readable(values);
  const name = named ?? basename(file).replace(/\.\w+$/, '');
  const base = known.builtIn.find((agent) => agent.name === name);
  const description = said ?? base?.description;
  const instructions = body === '' ? base?.instructions : body;
  const wrongModel = model === undefined ? undefined : modelReferenceProblem(model, known.models, hasPackage);
  const problems = [
    ...(read.success ? [] : read.error.issues.flatMap((issue) => inWords(file, issue))),
    ...(named !== undefined || isAgentName(name)
      ? []
      : [error(`${file}: name`, `"${name}" is no name of an agent`, 'write small letters, digits, _ and -')]),
    ...(description === undefined && values.description === undefined
      ? [error(`${file}: description`, 'is missing', 'say in a line what the agent does')]
      : []),
    ...(instructions === undefined ? [error(file, 'has no instructions', 'write them below the front matter')] : []),
    ...(wrongModel ? [error(`${file}: model`, wrongModel.problem, wrongModel.hint)] : []),
    ...unknownNames(`${file}: tools`, 'tool', tools, known.tools, (tool) => tool.startsWith('mcp__')),
    ...unknownNames(
      `${file}: skills`,
      'skill',
      skills,
      known.skills.map((skill) => skill.name),
    ),
  ];
  if (problems.length > 0 || description === undefined || instructions === undefined) return err(problems);
  return ok({
    ...(base ?? { limits: DEFAULT_LIMITS, tools: [] }),
    name,
    description,
    instructions,
    limits: { ...(base?.limits ?? DEFAULT_LIMITS), ...present(limits) },
    ...present({ model, tools, skills }),
  });
};

/** What can be read of a front matter that has problems, so that the rest is checked, too. */
const readable = (values: Readonly<Record<string, unknown>>): Partial<z.output<typeof schema>> => {
  const { model, tools, skills, description } = schema.shape;
  return present({
    model: model.safeParse(values.model).data,
    tools: tools.safeParse(values.tools).data,
    skills: skills.safeParse(values.skills).data,
    description: description.safeParse(values.description).data,
  });
};

const unknownNames = (
  place: string,
  what: string,
  written: readonly string[] | undefined,
  known: readonly string[],
  isElsewhere: (name: string) => boolean = () => false,
): readonly ConfigProblem[] =>
  (written ?? [])
    .filter((name) => !isElsewhere(name) && !known.some((each) => fitsName(each, [name])))
    .map((name) =>
      error(place, `there is no ${what} "${name}"`, suggestion(nearestName(name, known), `there are: ${known.join(', ') || 'none'}`)),
    );

const inWords = (file: string, issue: z.core.$ZodIssue): readonly ConfigProblem[] => {
  const place = issue.path.length === 0 ? file : `${file}: ${keyPath(issue.path)}`;
  if (issue.code !== 'unrecognized_keys') return [error(place, issueWords(issue), 'see docs/how-to/write-an-agent.md')];
  const known = issue.path[0] === 'limits' ? KEYS.limits : KEYS[''];
  return issue.keys.map((key) =>
    error(
      `${file}: ${keyPath([...issue.path, key])}`,
      'is not a key that is known here',
      suggestion(nearestName(key, known), `there are: ${known.join(', ')}`),
    ),
  );
};
