import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeWorkspaceFiles } from '../../../src/adapters/files/index.ts';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeNotionDatabase } from '../../../src/adapters/notion/index.ts';
import { systemClock } from '../../../src/adapters/system/index.ts';
import {
  makeCodingTools,
  makeFactTools,
  makeFileTools,
  makeHistoryTools,
  makeLinkTools,
  makeNotionTools,
  makePromiseTools,
  makeScheduleTools,
} from '../../../src/adapters/tools/index.ts';
import { factId, ownDatabase, promiseId, scheduleId } from '../../../src/domain/index.ts';
import { present } from '../../../src/domain/shared/present.ts';
import {
  buildFact,
  buildPromise,
  buildSchedule,
  buildWorkspace,
  GROUP,
  telegramChat,
  telegramUser,
  toolContract,
} from '../../../src/testing/index.ts';
import { NOTION_KEY, openNotion } from '../../fakes/notion/index.ts';
import { certify } from '../../support/contract.ts';
import { actionsOver } from './harness.ts';

/** Input that each built-in tool accepts. */
const INPUT = {
  make_promise: { description: 'count the trains' },
  list_promises: {},
  cancel_promise: { id: 7 },
  schedule_promise: { description: 'count the trains', cron: '@daily' },
  list_schedules: {},
  cancel_schedule: { id: 3 },
  read_file: { path: 'notes.txt' },
  list_files: {},
  search_files: { pattern: 'hello' },
  search_history: { query: 'train' },
  delegate_coding_task: { task: 'rename the setting' },
  remember: { text: 'The train leaves at 9:41.' },
  recall: {},
  forget: { number: 1 },
  save_link: { url: 'https://kept.example/timetable' },
  search_links: {},
} as const;

for (const [name, input] of Object.entries(INPUT))
  certify(`Tool: ${name}`, toolContract, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'kept-tools-'));
    await writeFile(join(directory, 'notes.txt'), 'hello');
    const { stores } = makeMemoryStorage();
    await stores.promises.add([buildPromise({ id: promiseId(7) })]);
    await stores.schedules.add([buildSchedule({ id: scheduleId(3) })]);
    await stores.facts.add([buildFact({ id: factId(1) })]);
    const actions = actionsOver(stores);
    const tools = [
      ...makePromiseTools(actions),
      ...makeScheduleTools(actions),
      ...makeFileTools(makeWorkspaceFiles({ hidden: [] })),
      ...makeHistoryTools(actions),
      ...makeFactTools(actions),
      ...makeLinkTools(actions),
      ...makeCodingTools(actions),
    ];
    const tool = tools.find((candidate) => candidate.name === name);
    if (!tool) throw new Error(`no tool ${name}`);
    return {
      subject: {
        tool,
        input,
        context: (draft) => ({
          chatId: telegramChat(501),
          chatKind: 'direct',
          requestedBy: { id: telegramUser(501) },
          scope: { directory },
          signal: new AbortController().signal,
          ...present({ draft }),
        }),
      },
      close: () => rm(directory, { recursive: true }),
    };
  });

/** The tools for Notion, over its official client. */
for (const name of ['query_notion', 'read_notion_page'] as const)
  certify(`Tool: ${name}`, toolContract, async () => {
    const notion = await openNotion();
    const database = notion.addDatabase('Trains', { Trains: { Name: { type: 'title' } } });
    const { url } = notion.addEntry(database, 'The 9:41', { markdown: 'Leaves at 9:41.' });
    const workspace = buildWorkspace({ name: 'Railway', notionDatabaseId: database.id });
    const tools = makeNotionTools({
      database: makeNotionDatabase({ apiKey: NOTION_KEY, baseUrl: notion.url, clock: systemClock }),
      databasesFor: ownDatabase({ workspaces: [workspace] }),
    });
    const tool = tools.find((candidate) => candidate.name === name);
    if (!tool) throw new Error(`no tool ${name}`);
    return {
      subject: {
        tool,
        input: name === 'query_notion' ? {} : { page: url },
        context: (draft) => ({
          chatId: GROUP,
          chatKind: 'group',
          requestedBy: { id: telegramUser(501) },
          scope: { workspace: workspace.name, directory: workspace.directory },
          signal: new AbortController().signal,
          ...present({ draft }),
        }),
      },
      close: notion.close,
    };
  });
