import { join } from 'node:path';
import { z } from 'zod';
import type { Skill } from '../../domain/agent/skill.ts';
import { excerpt } from '../../domain/shared/excerpt.ts';
import { type ConfigProblem, error, keyPath } from '../problems.ts';
import type { ConfigSources } from '../sources.ts';
import { readFrontMatter } from './front-matter.ts';
import { issueWords } from './issue-words.ts';
import { keysIn } from './keys-in.ts';
import { leadsNowhere, readEntry, readFolder } from './read-folder.ts';

/** The file of each skill's folder that says what it is. */
export const SKILL_FILE = 'SKILL.md';

/** It stands among the instructions of agents, and is compared with patterns. */
const NAME = /^[a-z\d][a-z\d_-]{0,63}$/;

const schema = z.looseObject({
  name: z.string().optional(),
  description: z.string().trim().min(1).max(1_000),
});

/** The skills in the folders below `directory` (absolute; `named` is how problems name it). */
export const readSkillFiles = (
  { directory, named }: { readonly directory: string; readonly named: string },
  sources: ConfigSources,
): { readonly skills: readonly Skill[]; readonly problems: readonly ConfigProblem[] } => {
  const problems: ConfigProblem[] = [];
  const skills = new Map<string, Skill>();
  const folder = readFolder(directory, named, sources);
  problems.push(...folder.problems);
  const kinds = folder.entries.map((entry) => ({ entry, kind: sources.kindOf(join(directory, entry)) }));
  problems.push(...kinds.flatMap(({ entry, kind }) => (kind === 'missing' ? [leadsNowhere(join(named, entry))] : [])));
  for (const { entry } of kinds.filter(({ kind }) => kind === 'directory')) {
    const file = join(named, entry, SKILL_FILE);
    const text = readEntry(join(directory, entry, SKILL_FILE), { named: file, isListed: false }, sources);
    if (text.ok) problems.push(...keysIn(file, text.value));
    const matter = text.ok ? readFrontMatter(file, text.value, 'move parts of it into other files of its folder') : text;
    if (!matter.ok) {
      problems.push(...matter.error);
      continue;
    }
    const read = schema.safeParse(matter.value.values);
    if (!read.success) {
      problems.push(
        ...read.error.issues.map((issue) =>
          error(`${file}: ${keyPath(issue.path)}`, issueWords(issue), 'see docs/how-to/write-a-skill.md'),
        ),
      );
      continue;
    }
    const { name = entry, description } = read.data;
    if (!NAME.test(name))
      problems.push(
        error(`${file}: name`, `${JSON.stringify(excerpt(name, 60))} is no name of a skill`, 'write small letters, digits, _ and -'),
      );
    else if (skills.has(name)) problems.push(error(`${file}: name`, `two skills are named ${name}`, 'give one of the two another name'));
    else skills.set(name, { name, description: description.replace(/\s+/g, ' '), directory: join(directory, entry) });
  }
  return { skills: [...skills.values()], problems };
};
