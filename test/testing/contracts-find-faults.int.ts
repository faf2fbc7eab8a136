import { strict as assert } from 'node:assert';
import { expect } from 'chai';
import type { Decision, LeasedPromise } from '../../src/domain/index.ts';
import { NO_USAGE, promiseId } from '../../src/domain/index.ts';
import { type LanguageModel, PortError, type PromiseExecutor, type Tool } from '../../src/ports/index.ts';
import {
  buildPromise,
  buildTool,
  type Contract,
  languageModelContract,
  type ModelUnderTest,
  makeScriptedModel,
  promiseAfter,
  promiseExecutorContract,
  type ScriptedStep,
  telegramChat,
  telegramUser,
  toolContract,
} from '../../src/testing/index.ts';
import { aRequest } from '../support/model-peer.ts';

/** The obligations that a subject does not meet, each on a fresh subject. */
const unmet = async <Subject>(contract: Contract<Subject>, open: () => Subject): Promise<readonly string[]> => {
  const failed: string[] = [];
  for (const [obligation, check] of Object.entries(contract)) await check(open()).catch(() => failed.push(obligation));
  return failed;
};

const usage = { ...NO_USAGE, inputTokens: 1 };
const LOOK = { name: 'look', description: 'Looks', inputSchema: { type: 'object' } };

const modelWith = (change: (model: LanguageModel) => Partial<LanguageModel>) => (): ModelUnderTest => {
  let next: ScriptedStep = {};
  const playing = (step: ScriptedStep) => () => {
    next = step;
    return aRequest({ tools: [LOOK] });
  };
  const script = makeScriptedModel(Array.from({ length: 10 }, () => () => next));
  let sent = '';
  const model: LanguageModel = {
    name: script.name,
    respond: (request, asking) => {
      sent = JSON.stringify(request);
      return script.respond(request, asking);
    },
  };
  return {
    sent: () => sent,
    model: { name: model.name, respond: model.respond, ...change(model) },
    text: playing({ deltas: ['Good ', 'morning.'], usage }),
    call: playing({ toolCalls: [{ id: 'c1', tool: 'look', input: {} }], usage }),
    endless: playing({ hang: true }),
    failures: [
      { code: 'rate-limited', retryable: true, request: playing({ error: new PortError('rate-limited', 'no', { retryable: true }) }) },
    ],
  };
};
const replying = (change: object) =>
  modelWith((model) => ({ respond: async (...asked) => ({ ...(await model.respond(...asked)), ...change }) }));

describe('The contract of language models finds a model that', () => {
  for (const [fault, open, obligation] of [
    ['has no fault', modelWith(() => ({})), undefined],
    ['gives another text than it streamed', replying({ text: 'Good evening.' }), 'streams its text'],
    ['does not count what it used', replying({ usage: NO_USAGE }), 'names itself'],
    ['calls a tool of no request', replying({ toolCalls: [{ id: 'c', tool: 'burn', input: {} }] }), 'calls tools of the request'],
    ['answers nothing to results', replying({ text: '' }), 'takes back its calls'],
    [
      'refuses what another model attached',
      modelWith((model) => ({
        respond: async (request, asking) => {
          assert.ok(!request.conversation.some((step) => step.role === 'agent' && step.attached));
          return model.respond(request, asking);
        },
      })),
      'ignores what another model',
    ],
    [
      'drops a file without a word',
      modelWith((model) => ({
        respond: (request, asking) =>
          model.respond(
            {
              ...request,
              conversation: request.conversation.map((step) =>
                step.role === 'person' && step.media ? { ...step, media: step.media.filter(({ kind }) => kind !== 'pdf') } : step,
              ),
            },
            asking,
          ),
      })),
      'shows the media',
    ],
    [
      'leaves out a file that comes without a word',
      modelWith((model) => ({
        respond: (request, asking) => {
          const conversation = request.conversation.filter((step) => step.role !== 'person' || step.text !== '');
          return model.respond({ ...request, conversation }, asking);
        },
      })),
      'shows media that come without',
    ],
    [
      'changes a request',
      modelWith((model) => ({
        respond: async (request, asking) => {
          Object.assign(request, { instructions: 'Be long.' });
          return model.respond(request, asking);
        },
      })),
      'changes nothing of the request',
    ],
    [
      'resolves when it is aborted',
      modelWith((model) => ({
        respond: (...asked) => model.respond(...asked).catch(() => ({ text: '', toolCalls: [], stop: 'end', usage, model: 'm' }) as const),
      })),
      'rejects with `aborted` soon',
    ],
    [
      'gives other failures',
      modelWith((model) => ({
        respond: (...asked) =>
          model.respond(...asked).catch((error: PortError) => {
            throw error.code === 'aborted' ? error : new Error('no');
          }),
      })),
      'rejects with the PortError',
    ],
  ] as const)
    it(fault, async () => {
      const found = await unmet(languageModelContract, open);
      if (obligation === undefined) expect(found).to.deep.equal([]);
      else
        expect(
          found.some((each) => each.startsWith(obligation)),
          found.join('; '),
        ).to.equal(true);
    });
});

const leased = promiseAfter(buildPromise(), { type: 'start', at: Date.now(), workerId: 'w', leaseMs: 1_000 }) as LeasedPromise;
const named = (description: string) => () => ({ ...leased, description });
const execute: PromiseExecutor['execute'] = async ({ description }, { signal, onUsage }) => {
  if (signal.aborted) throw new PortError('aborted', 'told to end', { retryable: true });
  onUsage?.(usage);
  if (description === 'impossible') throw new PortError('could-not', 'no file', { retryable: false });
  if (description === 'busy') throw new PortError('unavailable', 'busy', { retryable: true });
  if (description === 'endless')
    await new Promise((_, reject) =>
      signal.addEventListener('abort', () => reject(new PortError('aborted', 'told to end', { retryable: true }))),
    );
  return { text: 'Done.', usage };
};
const executorWith = (changed: PromiseExecutor['execute']) => () => ({
  executor: { execute: changed },
  succeeding: named('succeeding'),
  impossible: named('impossible'),
  busy: named('busy'),
  endless: named('endless'),
});

describe('The contract of executors finds an executor that', () => {
  let runs = 0;
  for (const [fault, changed, obligation] of [
    ['has no fault', execute, undefined],
    ['says nothing', async (...asked) => ({ ...(await execute(...asked)), text: ' ' }), 'resolves to a result'],
    ['drops usage', async (...asked) => ({ ...(await execute(...asked)), usage: NO_USAGE }), 'resolves to a result'],
    ['works once', (...asked) => (runs++ > 0 ? Promise.reject(new Error('again?')) : execute(...asked)), 'does the work again'],
    [
      'needs a listener',
      (promise, options) => (options.onUsage ? execute(promise, options) : Promise.reject(new Error('whom?'))),
      'needs nobody',
    ],
    ['passes off work that was not done', (...asked) => execute(...asked).catch(() => ({ text: 'Done.', usage })), 'rejects for good'],
    ['throws what is no PortError', (...asked) => execute(...asked).catch(() => Promise.reject(new Error('no'))), 'rejects as retryable'],
    [
      'works although it was aborted',
      async (promise, options) => (options.signal.aborted ? { text: 'Done.', usage } : execute(promise, options)),
      'rejects if its signal',
    ],
  ] as const satisfies readonly (readonly [string, PromiseExecutor['execute'], string | undefined])[])
    it(fault, async () => {
      const found = await unmet(promiseExecutorContract, executorWith(changed));
      if (obligation === undefined) expect(found).to.deep.equal([]);
      else
        expect(
          found.some((each) => each.startsWith(obligation)),
          found.join('; '),
        ).to.equal(true);
    });
});

const isGood = (input: unknown): boolean => JSON.stringify(input) === '{}';
const cancel: Decision = { type: 'cancel-promise', promiseId: promiseId(1) };
const decides: Tool['run'] = async (input, { draft }) => {
  if (!isGood(input) || !draft) return { output: 'Not so.', isError: true };
  draft.decide(cancel);
  return { output: 'Decided.', isError: false };
};
const reads: Tool['run'] = async (input) => (isGood(input) ? { output: 'Seen.', isError: false } : { output: 'Not so.', isError: true });
const toolUnderTest = (change: Partial<Tool>) => () => ({
  tool: buildTool({ name: 'look', run: reads, ...change }),
  input: {},
  context: (draft?: Parameters<Tool['run']>[1]['draft']) => ({
    chatId: telegramChat(1),
    chatKind: 'direct' as const,
    requestedBy: { id: telegramUser(1) },
    scope: { directory: '/srv' },
    signal: new AbortController().signal,
    ...(draft ? { draft } : {}),
  }),
});

describe('The contract of tools finds a tool that', () => {
  for (const [fault, change, obligation] of [
    ['has no fault', {}, undefined],
    ['has no fault, and decides', { effect: 'decides', run: decides }, undefined],
    ['has a name that models refuse', { name: 'look at it' }, 'has a name'],
    ['does not say what it does', { activity: '' }, 'says its effect'],
    ['may take for ever', { timeoutMs: Number.POSITIVE_INFINITY }, 'says its effect'],
    ['refuses what fits', { run: async () => ({ output: 'Not so.', isError: true }) }, 'answers input that fits'],
    ['accepts everything', { run: async () => ({ output: 'Seen.', isError: false }) }, 'answers a misuse'],
    [
      'throws at a misuse',
      { run: async (input) => (isGood(input) ? { output: 'Seen.', isError: false } : Promise.reject(new Error('no'))) },
      'answers a misuse',
    ],
    ['decides, and says that it reads', { run: decides }, 'decides something exactly'],
    ['decides, and needs no turn', { effect: 'decides', run: reads }, 'decides nothing where there is no turn'],
  ] as const satisfies readonly (readonly [string, Partial<Tool>, string | undefined])[])
    it(fault, async () => {
      const found = await unmet(toolContract, toolUnderTest(change));
      if (obligation === undefined) expect(found).to.deep.equal([]);
      else
        expect(
          found.some((each) => each.startsWith(obligation)),
          found.join('; '),
        ).to.equal(true);
    });
});
