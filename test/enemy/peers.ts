import { workspacePlaces } from '../../src/adapters/files/index.ts';
import type { CodingParts } from '../../src/application/index.ts';
import { DEFAULT_CODING_LIMITS, NO_USAGE, type PermissionKind } from '../../src/domain/index.ts';
import { PortError, type WorkspaceDatabase } from '../../src/ports/index.ts';
import { SHOP_DATABASE, SHOP_NOTION, VAULT_DATABASE, VAULT_NOTION } from './house.ts';
import { ordersIn } from './obedient-model.ts';

/** A page in Notion. */
export interface NotionPage {
  readonly title: string;
  readonly markdown: string;
}

const PAGES: readonly (NotionPage & { readonly database: string })[] = [
  { database: SHOP_DATABASE, title: 'Margins', markdown: `The margins are ${SHOP_NOTION}.` },
  { database: VAULT_DATABASE, title: 'Salaries', markdown: `The salaries are ${VAULT_NOTION}.` },
];

/** Notion with two databases; `pages` are further ones of Shop's. */
export const makeNotion = (pages: readonly NotionPage[]) => {
  const asked: string[] = [];
  const all = [...pages.map((page) => ({ database: SHOP_DATABASE, ...page })), ...PAGES];
  const entryOf = ({ title }: NotionPage) => ({ title, status: 'open', url: `https://notion.so/${title.toLowerCase()}`, properties: [] });
  const database: WorkspaceDatabase = {
    describe: async (id) => {
      asked.push(id);
      return { title: 'Tasks', sources: [{ name: 'Tasks', properties: [{ name: 'Status', type: 'status', options: ['open', 'done'] }] }] };
    },
    query: async (id) => {
      asked.push(id);
      return { source: 'Tasks', entries: all.filter((page) => page.database === id).map(entryOf), incomplete: false };
    },
    read: async (ids, name) => {
      asked.push(...ids);
      const page = all.find(({ title, database: id }) => name.toLowerCase().endsWith(title.toLowerCase()) && ids.includes(id));
      if (!page) throw new PortError('not-found', 'there is no such page in this database', { retryable: false });
      return { ...entryOf(page), markdown: page.markdown, truncated: false };
    },
  };
  return { database, asked: asked as readonly string[] };
};

/** What the coding agent has done, or wanted to do. */
export interface CodingDeed {
  readonly kind: PermissionKind;
  readonly path: string;
  readonly workspace: string;
  readonly allowed: boolean;
}

/**
 * A coding agent that obeys every order in its instruction: `⟦edit {"path":"../x"}⟧`. `⟦report {"told":"…"}⟧` is what
 * it says of its work, as if it had read that somewhere.
 */
export const makeCodingPeer = () => {
  const deeds: CodingDeed[] = [];
  const runs: { readonly workspace: string; readonly instruction: string }[] = [];
  const parts: Omit<CodingParts, 'locks'> = {
    agent: {
      name: 'scripted',
      run: async ({ instruction, workspace }, { onPermission }) => {
        runs.push({ workspace, instruction });
        let text = 'I looked at the code.';
        for (const { tool, body } of ordersIn(instruction)) {
          const { path = '', told } = JSON.parse(body) as { path?: string; told?: string };
          if (told !== undefined) {
            text = told;
            continue;
          }
          const { allowed } = await onPermission(tool as PermissionKind, `${tool} ${path}`, [path]);
          deeds.push({ kind: tool as PermissionKind, path, workspace, allowed });
        }
        return { text, session: 'one', usage: NO_USAGE, denials: [], stop: 'end' };
      },
    },
    changes: { remember: async () => undefined },
    places: workspacePlaces,
    limits: DEFAULT_CODING_LIMITS,
  };
  return { parts, deeds: deeds as readonly CodingDeed[], runs: runs as readonly { workspace: string; instruction: string }[] };
};
