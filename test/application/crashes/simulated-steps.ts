import { strict as assert } from 'node:assert';
import { CHAT_AGENT } from '../../../src/application/index.ts';
import { type ConversationStep, NO_USAGE, type RunId, type RunStep, type ToolCall } from '../../../src/domain/index.ts';
import type { Journal, JournalEntries, LanguageModel, ModelRequest, Storage, Tool } from '../../../src/ports/index.ts';
import { buildTool } from '../../../src/testing/index.ts';
import { withoutNotes } from '../../support/without-notes.ts';
import type { ProcessOptions } from '../support/harness.ts';
import { mortalModel, mortalTool, type ProcessLifetime } from './process-lifetime.ts';

const call = (tool: string, n: number, input: unknown = { n }): Omit<ToolCall, 'id'> => ({ tool, input });

/** The replies of the two runs: calls of tools, or the text that ends the run. */
const SCRIPT: Readonly<Record<'turn' | 'promise', readonly (readonly Omit<ToolCall, 'id'>[] | string)[]>> = {
  turn: [[call('look', 1), call('look', 2)], [call('make_promise', 1, { description: 'work' })], 'It is promised.'],
  promise: [[call('look', 3), call('send', 1)], [call('pay', 1), call('pay', 2)], [call('send', 2)], 'All is done.'],
};
export const REPLIES = SCRIPT.turn.length + SCRIPT.promise.length;

const isReplied = (step: ConversationStep): boolean => step.role === 'agent' && step.toolCalls.length > 0;

type RunName = keyof typeof SCRIPT;

/** Which run it is, and how many replies and results of it the model is shown. */
const placeOf = ({ conversation, tools }: ModelRequest) => {
  const run = tools.some(({ name }) => name === 'report_failure') ? 'promise' : 'turn';
  const all = withoutNotes(conversation);
  const steps = all.slice(all.findLastIndex(({ role }) => role === 'person'));
  return { run, reply: steps.filter(isReplied).length, results: steps.filter(({ role }) => role === 'tool').length } as const;
};

/** The calls whose outcome is told to be unknown. */
const unknownIn = (conversation: readonly ConversationStep[]): readonly string[] => {
  const calls = conversation.flatMap((step) => (step.role === 'agent' ? step.toolCalls : []));
  return conversation.flatMap((step) =>
    step.role === 'tool' && step.output.includes('Whether it took effect is not known')
      ? calls.filter(({ id }) => id === step.callId).map(({ tool, input }) => `${tool} ${(input as { n: number }).n}`)
      : [],
  );
};

const watchedJournal = (journal: Journal, onAppend: (entries: JournalEntries) => void): Journal => {
  const append: Journal['append'] = async (entries) => {
    await journal.append(entries);
    onAppend(entries);
  };
  return new Proxy(journal, {
    get: (target, key) => {
      const member: unknown = key === 'append' ? append : Reflect.get(target, key);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
};

/**
 * The world outside of a process that answers one message by a run of several steps, and keeps one promise by another:
 * it counts what it is asked and what is done to it. `send` can't say later what became of a call, `pay` can.
 */
export const makeOutside = () => {
  const asked: string[] = [];
  const violations: string[] = [];
  const stored = new Map<RunId, { readonly name: RunName; readonly steps: readonly RunStep[] }>();
  const effects: { readonly call: string; readonly key: string }[] = [];
  let told: readonly string[] = [];

  /** The steps of the newest run of that name. */
  const storedOf = (run: RunName): readonly RunStep[] => [...stored.values()].findLast(({ name }) => name === run)?.steps ?? [];

  const model: LanguageModel = {
    name: 'town/steps-1',
    respond: async (request) => {
      const { run, reply, results } = placeOf(request);
      asked.push(`${run} ${reply}`);
      const [replies, outputs] = (['model', 'tool'] as const).map((kind) => storedOf(run).filter((step) => step.kind === kind).length);
      if (replies !== reply || outputs !== results)
        violations.push(`reply ${reply} of the ${run} is asked for with ${results} results; stored are ${replies} and ${outputs}`);
      const next = SCRIPT[run][reply] ?? assert.fail(`the ${run} has no reply ${reply}`);
      const end = { usage: NO_USAGE, model: 'steps-1' };
      if (typeof next !== 'string')
        return { text: '', toolCalls: next.map((each, at) => ({ id: `${run}-${reply}-${at}`, ...each })), stop: 'tool_calls', ...end };
      if (run === 'promise') told = unknownIn(request.conversation);
      return { text: next, toolCalls: [], stop: 'end', ...end };
    },
  };
  const runAs =
    (tool: string, effect: Tool['effect']): Tool['run'] =>
    async (input, { callKey }) => {
      const key = callKey ?? assert.fail('a call has a key');
      const [, id = '', reply] = /^(.*)-(\d+)-\d+$/.exec(key) ?? [];
      const steps = stored.get(id as RunId)?.steps ?? [];
      if (steps[Number(reply)]?.kind !== 'model') violations.push(`${tool} runs before the reply that calls it is stored`);
      if (effect === 'acts' && steps.at(-1)?.kind !== 'intent') violations.push(`${tool} acts before that is stored`);
      if (effect === 'acts') effects.push({ call: `${tool} ${(input as { n: number }).n}`, key });
      return { output: 'done', isError: false };
    };
  const outcomeOf: Tool['outcomeOf'] = async (_, { callKey }) =>
    effects.some(({ key }) => key === callKey) ? { output: 'done before', isError: false } : 'not-run';
  const tools = [
    buildTool({ name: 'look', effect: 'reads', run: runAs('look', 'reads') }),
    buildTool({ name: 'send', effect: 'acts', run: runAs('send', 'acts') }),
    buildTool({ name: 'pay', effect: 'acts', run: runAs('pay', 'acts'), outcomeOf }),
  ];
  const agent = { ...CHAT_AGENT, tools: ['make_promise', ...tools.map(({ name }) => name)] };

  const note = ({ run, from, steps }: JournalEntries): void => {
    const before = stored.get(run.id)?.steps.slice(0, from) ?? [];
    stored.set(run.id, { name: run.promiseId === undefined ? 'turn' : 'promise', steps: [...before, ...steps] });
  };
  /** That storage, of which it is seen what steps it stores. */
  const watched = (storage: Storage): Storage => ({
    ...storage,
    stores: { ...storage.stores, journal: watchedJournal(storage.stores.journal, note) },
    unitOfWork: {
      run: async (work) => {
        const appended: JournalEntries[] = [];
        const value = await storage.unitOfWork.run((unit) => {
          appended.length = 0;
          return work({ ...unit, journal: watchedJournal(unit.journal, (entries) => void appended.push(entries)) });
        });
        appended.forEach(note);
        return value;
      },
    },
  });

  return {
    watched,
    agentOf: (life: ProcessLifetime): ProcessOptions => ({
      model: mortalModel(model, life),
      moreTools: tools.map((tool) => mortalTool(tool, life)),
      agent,
      executor: 'agent',
      mayAct: true,
    }),
    asked: asked as readonly string[],
    violations: violations as readonly string[],
    effects: effects as readonly { readonly call: string; readonly key: string }[],
    storedOf,
    /** The calls of which the promise's run was told that their outcome is not known. */
    told: (): readonly string[] => told,
  };
};
