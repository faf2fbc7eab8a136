import { resolve } from 'node:path';
import { present } from '../domain/shared/present.ts';
import type { AccessPolicy } from '../domain/workspace/policy.ts';
import { readBudget } from './budgets.ts';
import { readPeople } from './people.ts';
import type { ConfigProblem } from './problems.ts';
import { warning } from './problems.ts';
import { readWhitelist } from './whitelist.ts';
import type { DirectoryAt, WorkspaceFile } from './workspace-schema.ts';
import { readWorkspaces } from './workspaces.ts';

export type PathKind = 'directory' | 'file' | 'other' | 'missing';

/**
 * Reads what `workspace_config.json` allows, and reports its contradictions: each chat, name, alias, username and user
 * id may belong to one workspace or person only.
 */
export const workspacePolicy = (
  file: string,
  content: WorkspaceFile,
  { cwd, kindOf }: { readonly cwd: string; readonly kindOf: (path: string) => PathKind },
): { readonly policy: AccessPolicy; readonly problems: readonly ConfigProblem[] } => {
  const absent: ConfigProblem[] = [];
  const directoryAt: DirectoryAt = (place, written) => {
    const directory = resolve(cwd, written);
    const kind = kindOf(directory);
    if (kind !== 'directory')
      absent.push(
        warning(
          place,
          `${directory} ${kind === 'missing' ? 'does not exist' : 'is not a directory'}: work there will fail`,
          written.startsWith('~') ? 'write the path in full: ~ is not expanded' : 'create the directory, or correct the path',
        ),
      );
    return directory;
  };
  const { workspaces, problems } = readWorkspaces(content, directoryAt);
  const { whitelist, problems: refused } = readWhitelist(content.dm_whitelist, cwd, directoryAt);
  const { people, problems: ofPeople } = readPeople(content.people);
  const ofBudget: ConfigProblem[] = [];
  const budget = readBudget('budget', content.budget, (problem) => ofBudget.push(problem));
  return {
    policy: { workspaces, whitelist, ...present({ people, budget }) },
    problems: [...problems, ...refused, ...ofPeople, ...ofBudget, ...absent].map((one) => ({ ...one, place: `${file}: ${one.place}` })),
  };
};
