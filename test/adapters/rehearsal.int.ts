import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { cronCalendar } from '../../src/adapters/cron/index.ts';
import { makeWorkspaceFiles } from '../../src/adapters/files/index.ts';
import { makeMemoryStorage } from '../../src/adapters/memory/index.ts';
import { makeRehearsalModel } from '../../src/adapters/rehearsal/index.ts';
import { makeFileTools, makePromiseTools, makeScheduleTools } from '../../src/adapters/tools/index.ts';
import { CHAT_AGENT, PROMISE_AGENT } from '../../src/application/agents/built-in.ts';
import { makeRunAgent } from '../../src/application/agents/run-agent.ts';
import { makeDraftPromise } from '../../src/application/promises/make-promise.ts';
import { makeDraftScheduleEnd, makeListSchedules } from '../../src/application/schedules/end-schedule.ts';
import { makeDraftSchedule } from '../../src/application/schedules/make-schedule.ts';
import { chatId, messageId, userId } from '../../src/domain/message/ids.ts';
import { DEFAULT_RETRY } from '../../src/domain/promise/promise.ts';
import { err } from '../../src/domain/shared/result.ts';
import { silentLogger } from '../../src/ports/index.ts';
import { buildDraft } from '../../src/testing/builders.ts';
import { makeFixedClock } from '../../src/testing/fixed-clock.ts';

/** Each TODO comment counts; what only looks like one does not. */
const FILES = {
  'src/a.ts': '// TODO: one\nconst TODO = 1;\nfoo(); // and TODO two\n/* TODO three */\n/**\n * TODO four\n */\nconst a = 2 * TODO;\n',
  'src/b.py': '# TODO five\nTODO = "no"\nx = 1  # todo in lower case\n',
  'src/c.sql': 'select 1; -- TODO six\nselect TODO - 1;\nselect x--TODO;\n',
  'src/page.html': '<!-- TODO seven -->\n<p>TODO</p>\n',
  'src/conf.ini': '; TODO eight\nurl=http://host/TODO\n',
  'src/word.ts': '// TODOLIST is another word, so is XTODO\n',
  'node_modules/x/index.js': '// TODO not ours\n',
};

describe('rehearsal model with the real tools', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kept-rehearsal-'));
    for (const [path, text] of Object.entries(FILES)) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), text);
    }
  });
  after(() => rm(directory, { recursive: true, force: true }));

  const clock = makeFixedClock();
  const storage = makeMemoryStorage();
  const redact = (text: string): string => text;
  const draftPromise = makeDraftPromise({
    promises: storage.stores.promises,
    clock,
    redact,
    retry: DEFAULT_RETRY,
    policy: { workspaces: [] },
  });
  const tools = [
    ...makeFileTools(makeWorkspaceFiles()),
    ...makePromiseTools({
      draftPromise,
      listPromises: async () => [],
      cancelPromise: async (id) => err({ code: 'promise/not-found', message: `there is no promise #${id}` }),
      clock,
      timeZone: 'UTC',
    }),
    ...makeScheduleTools({
      draftSchedule: makeDraftSchedule({
        ...{ schedules: storage.stores.schedules, calendar: cronCalendar, timeZone: 'UTC', clock, redact },
        ...{ retry: DEFAULT_RETRY, policy: { workspaces: [] } },
      }),
      listSchedules: makeListSchedules(storage.stores),
      endSchedule: makeDraftScheduleEnd({ schedules: storage.stores.schedules, clock }),
      timeZone: 'UTC',
    }),
  ];
  const runAgent = makeRunAgent({ model: makeRehearsalModel(), tools, logger: silentLogger, redact });
  const run = async (texts: readonly string[], agent = CHAT_AGENT) => {
    const draft = buildDraft();
    const result = await runAgent(agent, {
      conversation: texts.map((text, i) => ({ role: 'person', name: 'Ada', text, messageId: messageId(i + 1) })),
      situation: '',
      context: {
        chatId: chatId(1),
        requestedBy: { id: userId(1) },
        scope: { directory },
        signal: new AbortController().signal,
        ...(agent === CHAT_AGENT ? { draft } : {}),
      },
    });
    return { ...result, draft };
  };

  it('counts the TODO comments of a project, and nothing else', async () => {
    const { text } = await run(['count the TODO comments in this project'], PROMISE_AGENT);
    expect(text).to.include('TODO comments: 8, in 5 files');
    for (const line of ['- src/a.ts: 4', '- src/b.py: 1', '- src/c.sql: 1', '- src/page.html: 1', '- src/conf.ini: 1'])
      expect(text).to.include(line);
  });

  it('counts none where there is none', async () => {
    expect((await run(['count the FIXMEs in src'])).text).to.include('FIXME comments: 0, in 0 files');
  });

  it('makes every promise that the gathered messages ask for', async () => {
    const { draft, text } = await run([
      'in the background, count the TODO comments in this project',
      'what is the weather?',
      'list files in src, then count the FIXMEs in the background',
    ]);
    expect(draft.promises.map(({ description, taskType }) => [description, taskType])).to.deep.equal([
      ['count the TODO comments in this project', 'search'],
      ['list files in src', 'search'],
      ['count the FIXMEs', 'search'],
    ]);
    const [first, second, third] = draft.promises;
    expect(third?.dependsOn).to.deep.equal([second?.id]);
    for (const part of [
      `Promise #${first?.id}`,
      `Promise #${second?.id}`,
      `Promise #${third?.id}, once #${second?.id}`,
      '“what is the weather?”',
    ])
      expect(text).to.include(part);
  });

  it('schedules what is asked for again and again, lists it, and ends what there is', async () => {
    const { draft, text } = await run(['every monday at 9:30, count the TODO comments', 'cancel schedule 7']);
    expect(draft.schedules).to.have.length(1);
    expect(draft.schedules[0]).to.include({
      description: 'count the TODO comments',
      cron: '30 9 * * 1',
      timeZone: 'UTC',
      taskType: 'search',
    });
    expect(text).to.include(
      `Schedule #${draft.schedules[0]?.id} is made with this reply: [30 9 * * 1, UTC; next 2026-11-23 09:30] count the TODO comments.\n`,
    );
    expect(text).to.include('cancel_schedule says: Nothing was cancelled: there is no schedule #7');
    expect((await run(['list my schedules'])).text).to.include('This chat has no schedules.');
    await storage.stores.schedules.add(draft.schedules);
    const listed = await run(['list my schedules', `cancel schedule ${draft.schedules[0]?.id}`]);
    expect(listed.text).to.include(`#${draft.schedules[0]?.id} [30 9 * * 1, UTC; next 2026-11-23 09:30] count the TODO comments`);
    expect(listed.draft.endedSchedules).to.deep.equal([draft.schedules[0]?.id]);
  });

  it('reads, lists and searches, and is refused outside', async () => {
    const { text } = await run([
      'read src/b.py',
      'list files in src',
      'search for const TODO = in src',
      'read ../../etc/passwd',
      'cancel promise 7',
    ]);
    for (const part of [
      '# TODO five',
      'page.html (',
      'src/a.ts:2: const TODO = 1;',
      '“read ../../etc/passwd” failed',
      'there is no promise #7',
    ])
      expect(text).to.include(part);
  });

  it('a promise that it does not understand ends with an answer that says so', async () => {
    const { text } = await run(['rewrite the parser'], PROMISE_AGENT);
    expect(text).to.include('“rewrite the parser”').and.include('no rule for that').and.include('rehearsal model');
  });
});
