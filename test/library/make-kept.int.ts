import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { makeLocalChat } from '../../src/adapters/local-chat/index.ts';
import { makeMemoryStorage } from '../../src/adapters/memory/index.ts';
import { systemClock as clock, systemRandomness as randomness } from '../../src/adapters/system/index.ts';
import {
  CHAT_AGENT,
  DEFAULT_LOCAL_CHAT,
  type KeptParts,
  makeKept,
  OPERATOR_ID,
  operatorOnly,
  PROMISE_AGENT,
  type Tool,
} from '../../src/index.ts';
import { makeScriptedModel } from '../../src/testing/index.ts';

const BUILT_IN = ['make_promise', 'list_promises', 'cancel_promise', 'schedule_promise', 'list_schedules', 'cancel_schedule'].concat([
  'read_file',
  'list_files',
  'search_files',
  'search_history',
  'remember',
  'recall',
  'forget',
  'save_link',
  'search_links',
]);

const toolNamed = (name: string, over: Partial<Tool> = {}): Tool => ({
  name,
  description: 'Tells the weather',
  inputSchema: { type: 'object', properties: {} },
  effect: 'reads',
  activity: 'looking',
  timeoutMs: 30_000,
  run: async () => ({ output: 'It rains.', isError: false }),
  ...over,
});

describe('makeKept', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kept-library-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  /** The parts of README, with a model that is told what to say. */
  const partsOf = (replies: Parameters<typeof makeScriptedModel>[0] = [{ text: 'Fine.' }]) => {
    const storage = makeMemoryStorage();
    const chat = makeLocalChat({ ...storage, clock, randomness });
    const model = makeScriptedModel(replies);
    return { storage, chat, model, parts: { ...storage, storage, model, gateways: [chat], clock, randomness, policy: operatorOnly(dir) } };
  };

  /** What the model was offered for its first answer, and what was said in the chat. */
  const answerOf = async (over: Partial<KeptParts>, replies?: Parameters<typeof makeScriptedModel>[0], count = 2) => {
    const { chat, model, parts } = partsOf(replies);
    const kept = makeKept({ ...parts, ...over });
    await kept.start();
    const shown = Promise.withResolvers<void>();
    let seen = 0;
    const end = chat.subscribe(DEFAULT_LOCAL_CHAT, ({ type }) => type === 'message' && ++seen === count && shown.resolve(), 0);
    try {
      await chat.post(DEFAULT_LOCAL_CHAT, 'hello');
      await shown.promise;
      const texts = (await chat.list(DEFAULT_LOCAL_CHAT, 0, 10)).map(({ text }) => text);
      return { offered: model.requests[0]?.tools.map(({ name }) => name) ?? [], texts, kept };
    } finally {
      end();
      await kept.stop();
    }
  };

  it('offers promise, schedule and file tools where none are given', async () => {
    expect((await answerOf({})).offered).to.have.members(BUILT_IN);
    expect((await answerOf({ tools: undefined, logger: undefined, turns: { maxHistory: undefined } })).offered).to.have.members(BUILT_IN);
  });

  it('offers no tools for an empty list, and of the built-in ones those that are named', async () => {
    expect((await answerOf({ tools: [] })).offered).to.deep.equal([]);
    expect((await answerOf({ builtInTools: ['files'] })).offered).to.have.members(['read_file', 'list_files', 'search_files']);
    expect((await answerOf({ tools: [toolNamed('weather')], builtInTools: [] })).offered).to.deep.equal(['weather']);
  });

  it('offers a tool that is given to the agent that answers and to the one that keeps promises, and runs it', async () => {
    const weather = { toolCalls: [{ id: 'c1', tool: 'weather', input: {} }], stop: 'tool_calls' } as const;
    const promised = {
      toolCalls: [{ id: 'c0', tool: 'make_promise', input: { description: 'Look at the sky' } }],
      stop: 'tool_calls',
    } as const;
    const replies = [promised, { text: 'I made promise #1.' }, weather, { text: 'It rains: I looked.' }];
    const { offered, texts } = await answerOf({ tools: [toolNamed('weather')] }, replies, 3);
    expect(offered).to.have.members([...BUILT_IN, 'weather']);
    expect(texts.at(-1)).to.include('It rains: I looked.');
  });

  it('offers it to an agent that keeps the built-in list of tools, too, and to no agent with a list of its own', async () => {
    const tools = [toolNamed('weather')];
    const chatAgent = { ...CHAT_AGENT, instructions: 'Answer in verse.' };
    expect((await answerOf({ tools, chatAgent })).offered).to.include('weather');
    expect((await answerOf({ tools, chatAgent: { ...chatAgent, tools: ['read_file'] } })).offered).to.deep.equal(['read_file']);
  });

  it('keeps the process alive from its start until it is stopped, and no longer where it can’t start', async () => {
    const holds = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
    const { parts, chat } = partsOf();
    // The test's own timer is set by then.
    await new Promise(setImmediate);
    const before = holds();
    const kept = makeKept(parts);
    await kept.start();
    await kept.start().catch(() => 'a second start is refused');
    expect(holds()).to.equal(before + 1);
    await kept.stop();
    expect(holds()).to.equal(before);
    const broken = { ...chat, start: () => Promise.reject(new Error('no line')) };
    const outcome = await makeKept({ ...parts, gateways: [broken] })
      .start()
      .catch((error: Error) => error.message);
    expect(outcome).to.equal('no line');
    expect(holds()).to.equal(before);
  });

  it('reads the files of the directory it is held to, and none of a hidden one', async () => {
    await writeFile(join(dir, 'note.txt'), 'the note');
    const read = (path: string) => ({ toolCalls: [{ id: path, tool: 'read_file', input: { path } }], stop: 'tool_calls' }) as const;
    const output = async (over: Partial<KeptParts>) => {
      const { model, parts, chat } = partsOf([read('note.txt'), { text: 'Done.' }]);
      const kept = makeKept({ ...parts, ...over });
      await kept.start();
      const answered = new Promise((resolve) =>
        chat.subscribe(DEFAULT_LOCAL_CHAT, (event) => event.type === 'message' && resolve(event), 1),
      );
      await chat.post(DEFAULT_LOCAL_CHAT, 'read it');
      await answered;
      await kept.stop();
      return JSON.stringify(model.requests[1]?.conversation);
    };
    expect(await output({})).to.include('the note');
    expect(await output({ hidden: [dir] })).to.include('kept from agents');
  });

  it('schedules by a calendar of its own where none is given', async () => {
    const kept = makeKept(partsOf().parts);
    const origin = { chatId: DEFAULT_LOCAL_CHAT, chatKind: 'direct' as const, requestedBy: { id: OPERATOR_ID } };
    const made = await kept.makeSchedule({ description: 'Water the plants', cron: '@daily' }, origin);
    expect(made.ok && made.value.timeZone).to.equal('UTC');
    expect(await kept.makeSchedule({ description: 'Water the plants', cron: 'whenever' }, origin)).to.have.nested.property(
      'error.code',
      'schedule/invalid-cron',
    );
  });

  const refusals: readonly [title: string, over: Record<string, unknown>, words: RegExp][] = [
    ['no model', { model: undefined }, /model is missing: give a language model/],
    ['a model that is none', { model: { name: 'mine' } }, /model is not a language model.*no respond/],
    ['no storage', { storage: undefined }, /storage is missing/],
    ['no gateways', { gateways: undefined }, /gateways are missing/],
    ['an empty list of gateways', { gateways: [] }, /gateways are empty/],
    ['a gateway that is none', { gateways: [{}] }, /gateways\[0\] is not a chat gateway/],
    ['two tools of one name', { tools: [toolNamed('weather'), toolNamed('weather')] }, /2 tools are named "weather"/],
    [
      'a tool with the name of a built-in one',
      { tools: [toolNamed('read_file')] },
      /"read_file", yours and a built-in one.*leave files out/,
    ],
    ['a tool with the name that Kept gives to promises', { tools: [toolNamed('report_failure')] }, /"report_failure"/],
    ['a tool without a name', { tools: [toolNamed('')] }, /tools\[0\] is named ""/],
    ['a tool with a name that models refuse', { tools: [toolNamed('tell weather!')] }, /1 to 64 letters, digits, _ and -/],
    ['a tool with too long a name', { tools: [toolNamed('w'.repeat(65))] }, /1 to 64/],
    ['a tool that can’t be run', { tools: [toolNamed('weather', { run: undefined as never })] }, /weather needs a run function/],
    [
      'an agent that names an unknown tool',
      { chatAgent: { ...CHAT_AGENT, tools: ['read_fil'] } },
      /chatAgent names the tool "read_fil", which is not there: did you mean "read_file"\?/,
    ],
    [
      'an agent that names a tool twice',
      { promiseAgent: { ...PROMISE_AGENT, tools: ['read_file', 'read_file'] } },
      /promiseAgent names the tool "read_file" 2 times/,
    ],
    [
      'an agent that asks for an effort that is none',
      { chatAgent: { ...CHAT_AGENT, limits: { ...CHAT_AGENT.limits, effort: 'hard' } } },
      /chatAgent asks for the effort "hard", and there are none, minimal, low/,
    ],
    [
      'a tool that would be offered to nobody',
      { tools: [toolNamed('weather')], chatAgent: { ...CHAT_AGENT, tools: [] }, promiseAgent: { ...PROMISE_AGENT, tools: [] } },
      /no agent names the tool "weather"/,
    ],
    ['an unknown group of built-in tools', { builtInTools: ['file'] }, /no built-in tools "file": did you mean "files"\?/],
    ['a setting that is no number', { work: { concurrency: 0 } }, /work\.concurrency is a whole number from 1 on, not 0/],
    ['a time zone that is none', { timeZone: 'Mars' }, /timeZone is not a time zone/],
  ];
  for (const [title, over, words] of refusals)
    it(`refuses ${title}, in words`, () => {
      expect(() => makeKept({ ...partsOf().parts, ...over } as never)).to.throw(TypeError, words);
    });

  it('refuses two gateways of one name, and tells all that is wrong at once', () => {
    const { parts, chat } = partsOf();
    expect(() => makeKept({ ...parts, gateways: [chat, chat] })).to.throw(TypeError, '2 gateways are named "local"');
    expect(() => makeKept({ ...parts, model: undefined, clock: undefined } as never)).to.throw(
      TypeError,
      /clock is missing.*\n.*model is missing/,
    );
  });

  it('is refused a second start, and a start after it was stopped', async () => {
    const kept = makeKept(partsOf().parts);
    await kept.stop();
    const outcome = await kept.start().then(
      () => 'started',
      (error: Error) => error.message,
    );
    expect(outcome).to.include('stopped before it had started');
  });
});
