import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { cronCalendar } from '../../../src/adapters/cron/index.ts';
import { makeWorkspaceFiles } from '../../../src/adapters/files/index.ts';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeRehearsalModel } from '../../../src/adapters/rehearsal/index.ts';
import { makeFileTools, makePromiseTools, makeScheduleTools } from '../../../src/adapters/tools/index.ts';
import { makeAgentCatalog } from '../../../src/application/agents/agent-catalog.ts';
import { makeRunAgent } from '../../../src/application/agents/run-agent.ts';
import { makeDraftPromise } from '../../../src/application/promises/make-promise.ts';
import { makeDraftScheduleEnd } from '../../../src/application/schedules/end-schedule.ts';
import { makeListSchedules } from '../../../src/application/schedules/list-schedules.ts';
import { makeDraftSchedule } from '../../../src/application/schedules/make-schedule.ts';
import { makeAgentExecutor } from '../../../src/application/worker/agent-executor.ts';
import { CHAT_AGENT, PROMISE_AGENT } from '../../../src/domain/agent/built-in.ts';
import { localChatId } from '../../../src/domain/chat/ids.ts';
import { decidedIn } from '../../../src/domain/conversation/decision.ts';
import { DEFAULT_RETRY, type LeasedPromise } from '../../../src/domain/promise/promise.ts';
import { err } from '../../../src/domain/shared/result.ts';
import { operatorOnly } from '../../../src/domain/workspace/policy.ts';
import { silentEvents } from '../../../src/ports/index.ts';
import { buildDraft, buildPromise, promiseAfter } from '../../../src/testing/builders.ts';
import { makeFixedClock } from '../../../src/testing/fixed-clock.ts';
import { numberIn, telegramChat, telegramMessage, telegramUser } from '../../../src/testing/index.ts';
import { modelAndTools } from '../../support/catalogs.ts';

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
        schedules: storage.stores.schedules,
        calendar: cronCalendar,
        timeZone: 'UTC',
        clock,
        redact,
        retry: DEFAULT_RETRY,
        policy: { workspaces: [] },
      }),
      listSchedules: makeListSchedules(storage.stores),
      endSchedule: makeDraftScheduleEnd({ schedules: storage.stores.schedules, clock }),
      timeZone: 'UTC',
    }),
  ];
  const runAgent = makeRunAgent({ ...modelAndTools(makeRehearsalModel(), tools), events: silentEvents, clock: makeFixedClock(), redact });
  const run = async (texts: readonly string[], agent = CHAT_AGENT) => {
    const draft = buildDraft();
    const result = await runAgent(agent, {
      conversation: texts.map((text, i) => ({ role: 'person', name: 'Ada', text, messageId: telegramMessage(i + 1) })),
      situation: '',
      context: {
        chatId: telegramChat(1),
        chatKind: 'direct',
        requestedBy: { id: telegramUser(1) },
        messageId: telegramMessage(texts.length),
        asked: texts.map((_, i) => ({ messageId: telegramMessage(i + 1), requestedBy: { id: telegramUser(1) } })),
        scope: { directory },
        signal: new AbortController().signal,
        ...(agent === CHAT_AGENT ? { draft } : {}),
      },
    });
    return { ...result, decided: decidedIn(draft) };
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
    const { decided, text } = await run([
      'in the background, count the TODO comments in this project',
      'what is the weather?',
      'list files in src, then count the FIXMEs in the background',
    ]);
    expect(decided.promises.map(({ description, taskType }) => [description, taskType])).to.deep.equal([
      ['count the TODO comments in this project', 'search'],
      ['list files in src', 'search'],
      ['count the FIXMEs', 'search'],
    ]);
    const [first, second, third] = decided.promises;
    expect(
      decided.promises.map((promise) => promise.messageId && numberIn(promise.messageId)),
      'each belongs to the message that asks for it',
    ).to.deep.equal([1, 3, 3]);
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
    const { decided, text } = await run(['every monday at 9:30, count the TODO comments', 'cancel schedule 7']);
    expect(decided.schedules).to.have.length(1);
    expect(decided.schedules[0]).to.include({
      description: 'count the TODO comments',
      cron: '30 9 * * 1',
      timeZone: 'UTC',
      taskType: 'search',
    });
    expect(text).to.include(
      `Schedule #${decided.schedules[0]?.id} is made with this reply: [30 9 * * 1, UTC; next 2026-11-23 09:30] count the TODO comments.\n`,
    );
    expect(text).to.include('failed: Nothing was cancelled: there is no schedule #7');
    expect((await run(['list my schedules'])).text).to.include('This chat has no schedules.');
    await storage.stores.schedules.add(decided.schedules);
    const listed = await run(['list my schedules', `cancel schedule ${decided.schedules[0]?.id}`]);
    expect(listed.text).to.include(`#${decided.schedules[0]?.id} [30 9 * * 1, UTC; next 2026-11-23 09:30] count the TODO comments`);
    expect(listed.decided.endedSchedules).to.deep.equal([decided.schedules[0]?.id]);
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

  it('a promise that can not be kept fails with the reason, and is kept once it can be', async () => {
    const executor = makeAgentExecutor({
      promises: storage.stores.promises,
      runAgent,
      agents: makeAgentCatalog(),
      policy: operatorOnly(directory),
      clock,
      events: silentEvents,
    });
    const work = (description: string): Promise<unknown> => {
      const made = buildPromise({ description, chatId: localChatId(1) });
      const promise = promiseAfter(made, { type: 'start', at: made.createdAt, workerId: 'w', leaseMs: 1_000 }) as LeasedPromise;
      const signal = new AbortController().signal;
      return executor.execute(promise, { signal, progress: () => undefined }).then(
        ({ text }) => text,
        (error: unknown) => error,
      );
    };
    const failed = await work('read notes.txt');
    expect(failed).to.include({ code: 'could-not', retryable: false });
    expect(failed).to.have.property('message', '“read notes.txt” failed: "notes.txt" does not exist');
    await writeFile(join(directory, 'notes.txt'), 'hello');
    expect(await work('read notes.txt')).to.equal('notes.txt:\n```\nhello\n```');
    expect(await work('make me a sandwich')).to.include({ code: 'could-not' });
    expect(await work('list my promises')).to.equal('Promises:\nThis chat has no promises.');
  });

  it('promises nothing that it has no rule for, now, later or again and again', async () => {
    const { decided, text } = await run([
      'in the background, make me a sandwich',
      'list files, then make me a sandwich in the background',
      'in 5 minutes, summarize README.md',
      'every day at 9am, dance',
      'at 25:00, list files',
      'every 7 minutes, list files',
    ]);
    expect([decided.promises, decided.schedules]).to.deep.equal([[], []]);
    expect(text.match(/I have no rule for “/g)).to.have.length(4);
  });

  it('promises what is asked for later, with its start, and a reminder too', async () => {
    const { decided, text } = await run([
      'in 5 minutes, count the TODOs',
      'remind me tomorrow at 9am to stretch',
      'every 5 minutes, list files',
    ]);
    const now = clock.now();
    expect(decided.promises.map(({ description, notBefore = 0 }) => [description, notBefore - now > 0])).to.deep.equal([
      ['count the TODOs', true],
      ['remind me to stretch', true],
    ]);
    expect(decided.promises[0]?.notBefore).to.equal(now + 5 * 60_000);
    expect(decided.schedules.map(({ cron }) => cron)).to.deep.equal(['*/5 * * * *']);
    expect(text).to.match(/Promise #\d+, at \d{4}-\d\d-\d\d 09:00 \(UTC\): “remind me to stretch”/);
  });
});
