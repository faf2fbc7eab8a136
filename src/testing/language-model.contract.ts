import { strict as assert } from 'node:assert';
import { isPaid, type Media } from '../domain/index.ts';
import {
  isPortError,
  type LanguageModel,
  type ModelEvent,
  type ModelReply,
  type ModelRequest,
  type PortErrorCode,
} from '../ports/index.ts';
import type { Contract } from './contract.ts';
import { portFailure } from './port-failure.ts';

/** A failure that the model's other side can be made to give. */
export interface ModelFailure {
  readonly code: PortErrorCode;
  readonly retryable: boolean;
  readonly request: () => ModelRequest;
}

/** A model under test, with requests that make it do one thing each. A request may prepare the model's other side. */
export interface ModelUnderTest {
  readonly model: LanguageModel;
  /** The model answers with a text of at least two characters. */
  readonly text: () => ModelRequest;
  /** The model calls one of the tools in the request. */
  readonly call: () => ModelRequest;
  /** The model does not end by itself within ten seconds. */
  readonly endless: () => ModelRequest;
  /** Absent: its other side can't be made to fail. */
  readonly failures?: readonly ModelFailure[];
  /** All that its other side was sent last. Absent: it has none; then its answer names the files that it was shown. */
  readonly sent?: () => string;
}

/** A picture of one pixel, a PDF of an empty page, and a text that pretends to be more than it is. */
const MEDIA: readonly Media[] = [
  {
    kind: 'picture',
    name: 'inbox/dot.png',
    type: 'image/png',
    base64: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  },
  {
    kind: 'pdf',
    name: 'inbox/page.pdf',
    base64: btoa(
      '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF',
    ),
  },
  { kind: 'text', name: 'inbox/list.txt', text: 'milk and bread' },
];

interface Asked {
  readonly reply: ModelReply;
  readonly events: readonly ModelEvent[];
}

const ask = async (model: LanguageModel, request: ModelRequest, signal = new AbortController().signal): Promise<Asked> => {
  const events: ModelEvent[] = [];
  const reply = await model.respond(request, { signal, onEvent: (event) => events.push(event) });
  return { reply, events };
};

/** What people have seen at the end: the text since the last restart. */
const shown = (events: readonly ModelEvent[]): string =>
  events.reduce((text, event) => (event.type === 'restart' ? '' : event.type === 'text' ? text + event.text : text), '');

const freeze = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) freeze(inner);
  return value;
};

const tellsOfMedia = async ({ model, text, sent }: ModelUnderTest, said: string): Promise<void> => {
  const request = text();
  const person = { role: 'person', name: 'Ada', text: said, media: MEDIA } as const;
  const { reply } = await ask(model, freeze({ ...request, conversation: [...request.conversation, person] }));
  assert.equal(reply.stop, 'end');
  const told = sent?.() ?? reply.text;
  for (const one of MEDIA) {
    const held = one.kind === 'text' ? one.text : one.base64;
    assert.ok(told.includes(held) || told.includes(one.name), `${one.name} is left out without a word`);
  }
};

/** The law of `LanguageModel`, in real time. */
export const languageModelContract: Contract<ModelUnderTest> = {
  'streams its text, and gives the whole of it again in the reply': async ({ model, text }) => {
    const { reply, events } = await ask(model, text());
    assert.equal(reply.stop, 'end');
    assert.deepEqual(reply.toolCalls, []);
    assert.ok(reply.text.length > 1);
    assert.equal(shown(events), reply.text);
  },

  'names itself and the model that replied, and counts what the reply used': async ({ model, text }) => {
    assert.match(model.name, /^[^/\s]+\/\S/);
    const { reply } = await ask(model, text());
    assert.ok(reply.model.trim() !== '');
    for (const count of Object.values(reply.usage)) assert.ok(Number.isInteger(count) && count >= 0, `${count} is no count of tokens`);
    assert.ok(isPaid(reply.usage), 'a reply uses tokens');
  },

  'calls tools of the request, each with an id, and stops for it': async ({ model, call }) => {
    const request = call();
    const { reply } = await ask(model, request);
    assert.equal(reply.stop, 'tool_calls');
    assert.ok(reply.toolCalls.length > 0);
    for (const { id, tool, input } of reply.toolCalls) {
      assert.ok(id.length > 0);
      assert.ok(
        request.tools.some(({ name }) => name === tool),
        `${tool} is no tool of the request`,
      );
      assert.ok(typeof input === 'object' && input !== null, 'the arguments are an object');
    }
  },

  'takes back its calls with their results, and answers': async ({ model, call, text }) => {
    const first = call();
    const { reply } = await ask(model, first);
    const { text: said, toolCalls, attached } = reply;
    const results = toolCalls.map(
      ({ id, tool }) => ({ role: 'tool', callId: id, tool, output: 'nothing is there', isError: false }) as const,
    );
    text();
    const step = { role: 'agent' as const, text: said, toolCalls, ...(attached ? { attached } : {}) };
    const second = await ask(model, { ...first, conversation: [...first.conversation, step, ...results] });
    assert.ok(second.reply.text.trim() !== '');
  },

  'ignores what another model has attached to a step': async ({ model, text }) => {
    const request = text();
    const attached = { by: 'another/model', content: { thoughts: ['signed elsewhere'] } };
    const step = { role: 'agent' as const, text: 'So far, so good.', toolCalls: [], attached };
    const { reply } = await ask(model, { ...request, conversation: [step, ...request.conversation] });
    assert.equal(reply.stop, 'end');
  },

  'shows the media of a step, or tells that it does not': (subject) => tellsOfMedia(subject, 'What is this?'),

  'shows media that come without a word, too': (subject) => tellsOfMedia(subject, ''),

  'changes nothing of the request': async ({ model, text }) => {
    const { reply } = await ask(model, freeze(text()));
    assert.equal(reply.stop, 'end');
  },

  'answers requests side by side, each with its own events': async ({ model, text }) => {
    const both = await Promise.all([ask(model, text()), ask(model, text())]);
    for (const { reply, events } of both) assert.equal(shown(events), reply.text);
  },

  'rejects with `aborted` soon after its signal aborts, and emits nothing after that': async ({ model, endless }) => {
    const abort = new AbortController();
    const events: ModelEvent[] = [];
    const reply = model.respond(endless(), { signal: abort.signal, onEvent: (event) => events.push(event) });
    setTimeout(() => abort.abort(), 50);
    const begun = performance.now();
    await assert.rejects(reply, portFailure('aborted'));
    assert.ok(performance.now() - begun < 2_000, 'it ends within two seconds');
    const count = events.length;
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(events.length, count);
  },

  'rejects with `aborted` if its signal has aborted before': async ({ model, text }) => {
    await assert.rejects(ask(model, text(), AbortSignal.abort()), portFailure('aborted'));
  },

  'rejects with the PortError that a failure of its other side stands for': async ({ model, failures = [] }) => {
    for (const { code, retryable, request } of failures) {
      const failure = await ask(model, request()).then(
        () => assert.fail(`no failure ${code}`),
        (error: unknown) => error,
      );
      assert.ok(isPortError(failure), `${code}: not a PortError`);
      assert.deepEqual({ code: failure.code, retryable: failure.retryable }, { code, retryable });
    }
  },
};
