import { join } from 'node:path';
import { z } from 'zod';
import type { Skill } from '../../domain/agent/skill.ts';
import { excerpt } from '../../domain/shared/excerpt.ts';
import { type ConfigProblem, error, keyPath } from '../problems.ts';
import type { ConfigSources } from '../sources.ts';
import { readFrontMatter } from './front-matter.ts';
import { readEntry, readFolder } from './read-folder.ts';

/** The file of each skill's folder that says what it is. */
export const SKILL_FILE = 'SKILL.md';

/** It stands among the instructions of agents, and is compared with patterns. */
const NAME = /^[a-z\d][a-z\d_-]{0,63}$/;

const schema = z.looseObject({
  name: z.string().optional(),
  description: z.string({ error: 'is missing: it says when the skill is of use' }).trim().min(1).max(1_000),
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
  for (const entry of folder.entries.filter((name) => sources.kindOf(join(directory, name)) === 'directory')) {
    const file = join(named, entry, SKILL_FILE);
    const text = readEntry(join(directory, entry, SKILL_FILE), file, sources);
    const matter = text.ok ? readFrontMatter(file, text.value) : text;
    if (!matter.ok) {
      problems.push(...matter.error);
      continue;
    }
    const read = schema.safeParse(matter.value.values);
    if (!read.success) {
      problems.push(
        ...read.error.issues.map(({ path, message }) => error(`${file}: ${keyPath(path)}`, message, 'see docs/how-to/write-a-skill.md')),
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
