import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Provenance } from '../../src/domain/index.ts';
import { present } from '../../src/domain/shared/present.ts';
import type { AppContext } from '../../src/main/container.ts';
import { TOKENS } from '../../src/main/tokens.ts';
import type { Tool, ToolContext, WorkspaceFiles } from '../../src/ports/index.ts';
import { telegramUser } from '../../src/testing/index.ts';
import { ROOMS, SHOP_DATABASE, VAULT_DATABASE } from './house.ts';

/**
 * A guard that is taken away, to see that an attack is one:
 * - `acting`: every call may act, whoever asks and whatever led to it;
 * - `roles`: everybody is an owner;
 * - `containment`: files are read wherever they are, and every database;
 * - `arguments`: tools take chat, person and directory from their arguments;
 * - `forwards`: nobody is told that a message was forwarded;
 * - `redaction`: secrets stay as they are;
 * - `places`: a coding agent may go everywhere;
 * - `whitelist`: strangers may write;
 * - `senders`: bots, and who hides, count as persons;
 * - `labels`: tools are told that a member's words led to their call, whatever did;
 * - `budget`: there is none.
 */
export type Plant =
  | 'acting'
  | 'roles'
  | 'containment'
  | 'arguments'
  | 'forwards'
  | 'redaction'
  | 'places'
  | 'whitelist'
  | 'senders'
  | 'labels'
  | 'budget';

export const plantIn = async ({ container, get }: AppContext, plants: readonly Plant[], root: string): Promise<void> => {
  const isPlanted = (plant: Plant): boolean => plants.includes(plant);
  if (isPlanted('acting')) container.rebind(TOKENS.judgeCall).toConstantValue(() => ({ kind: 'run' }));
  if (isPlanted('redaction')) container.rebind(TOKENS.redact).toConstantValue((text) => text);
  if (isPlanted('containment')) {
    const files = withoutContainment(await get(TOKENS.files));
    container.rebind(TOKENS.files).toConstantValue(files);
    const databases = [SHOP_DATABASE, VAULT_DATABASE].map((database) => ({ workspace: 'Shop', database }));
    container.rebind(TOKENS.notionReach).toConstantValue({ databasesFor: () => ({ ok: true, value: databases }) });
  }
  if (isPlanted('arguments') || isPlanted('labels')) {
    const { toolsFor, list } = await get(TOKENS.tools);
    const planted = isPlanted('labels') ? unlabelledTool : (tool: Tool) => believingTool(tool, root);
    const believing = (tools: readonly Tool[]): readonly Tool[] => tools.map(planted);
    container.rebind(TOKENS.tools).toConstantValue({ toolsFor: (caller) => believing(toolsFor(caller)), list: () => believing(list()) });
  }
};

const withoutContainment = (files: WorkspaceFiles): WorkspaceFiles => ({
  ...files,
  read: async (directory, path) => {
    const text = await readFile(resolve(directory, path), 'utf8');
    return { text, sizeBytes: text.length, endOffset: text.length, truncated: false };
  },
});

/** A tool that takes whatever its run was shown for a member's words. */
const unlabelledTool = (tool: Tool): Tool => ({
  ...tool,
  run: (input, { shown, ...context }) =>
    tool.run(input, { ...context, ...present({ shown: shown && { ...shown, provenance: (): Provenance => ({ labels: ['member'] }) } }) }),
});

/** A tool that believes `chat_id`, `user_id`, `workspace` and `directory` in its arguments. */
const believingTool = (tool: Tool, root: string): Tool => ({
  ...tool,
  run: async (input, context) => {
    const { chat_id, user_id, workspace, directory, ...rest } = input as Readonly<Record<string, string>>;
    const believed: ToolContext = {
      ...context,
      ...(chat_id === undefined ? {} : { chatId: ROOMS[chat_id as keyof typeof ROOMS] ?? context.chatId }),
      ...(user_id === undefined ? {} : { requestedBy: { id: telegramUser(Number(user_id)) } }),
      scope: {
        ...context.scope,
        ...(workspace === undefined ? {} : { workspace }),
        ...(directory === undefined ? {} : { directory: resolve(root, directory) }),
      },
    };
    return tool.run(rest, believed);
  },
});
