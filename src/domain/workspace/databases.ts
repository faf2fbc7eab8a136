import { ok, type Refusal, type Result, refuse } from '../shared/result.ts';
import type { AccessPolicy, Scope } from './policy.ts';

/** A database of a workspace. */
export interface WorkspaceDatabaseRef {
  /** Name of the workspace. */
  readonly workspace: string;
  /** As the configuration has it. */
  readonly database: string;
}

/** Which databases a run may read; never empty. */
export type DatabasesFor = (scope: Pick<Scope, 'workspace'>) => Result<readonly WorkspaceDatabaseRef[], Refusal<'workspace/no-database'>>;

type Workspaces = Pick<AccessPolicy, 'workspaces'>;

/** Its own workspace's alone: what is outside of every workspace reaches none. */
export const ownDatabase =
  (policy: Workspaces): DatabasesFor =>
  ({ workspace }) => {
    if (workspace === undefined)
      return refuse('workspace/no-database', 'there is no Notion database here: this conversation belongs to no workspace');
    const database = idIn(policy.workspaces.find(({ name }) => name === workspace)?.notionDatabaseId);
    if (database !== undefined) return ok([{ workspace, database }]);
    return refuse('workspace/no-database', `the workspace ${workspace} has no Notion database yet: ${whereToSet(workspace)}`);
  };

/** Those of all workspaces, for the operator. */
export const allDatabases =
  (policy: Workspaces): DatabasesFor =>
  () => {
    const databases = policy.workspaces.flatMap(({ name, notionDatabaseId }) => {
      const database = idIn(notionDatabaseId);
      return database === undefined ? [] : { workspace: name, database };
    });
    if (databases.length > 0) return ok(databases);
    return refuse('workspace/no-database', `no workspace has a Notion database yet: ${whereToSet('<name>')}`);
  };

/** `****` is the placeholder of an example. */
const idIn = (configured: string | undefined): string | undefined =>
  configured === undefined || /^[*.…x<>\s]*$/i.test(configured) ? undefined : configured;

const whereToSet = (workspace: string): string => `whoever runs Kept sets database_id at workspaces.${workspace} in workspace_config.json`;
