import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { ERROR_TYPE, GEN_AI, KEPT, RESOURCE } from '../../src/adapters/opentelemetry/conventions.ts';
import { makeSpans } from '../../src/adapters/opentelemetry/make-spans.ts';
import type { Span } from '../../src/adapters/opentelemetry/span.ts';
import { WORK_SPANS } from '../../src/adapters/opentelemetry/work-spans.ts';
import { makeCorrelation } from '../../src/adapters/system/index.ts';
import { type KeptEvent, NO_USAGE, promiseId, turnId } from '../../src/domain/index.ts';
import type { Content, WorkName, WorkScope } from '../../src/ports/index.ts';
import { telegramChat, telegramMessage } from '../../src/testing/index.ts';

const chatId = telegramChat(501);
const about = { chatId, messageId: telegramMessage(1) };
const attempt = { promiseId: promiseId(1), attempt: 1, chatId };
const item = { outboxId: 1 as never, chatId };

const MODEL_CONTENT: Content = {
  type: 'model-content',
  agent: 'baker',
  instructions: '',
  asked: [],
  replied: { model: 'claude-x', text: '', toolCalls: [], stop: 'end' },
};

/** What may happen in each kind of work. */
const HAPPENINGS: Readonly<Record<WorkName, readonly KeptEvent[]>> = {
  receive: [
    { type: 'message-received', ...about, rule: 'direct-message', path: 'x' },
    { type: 'message-edited', ...about, effect: 'waiting' },
  ],
  fetch: [{ type: 'attachments-fetched', ...about, count: 1, durationMs: 1 }],
  turn: [
    { type: 'agent-run-ended', agent: 'baker', chatId, workspace: 'psy', outcome: 'done', durationMs: 1 },
    { type: 'commit-ended', what: 'turn', outcome: 'failed', durationMs: 1 },
    {
      type: 'turn-committed',
      chatId,
      turnId: turnId('t'),
      agent: 'baker',
      outcome: 'failed',
      usage: NO_USAGE,
      toolCalls: 1,
      messages: 1,
      promises: [promiseId(1)],
      schedules: [],
      durationMs: 1,
    },
  ],
  agent: [
    {
      type: 'model-responded',
      model: 'claude-x',
      reference: 'anthropic/claude-x',
      agent: 'baker',
      chatId,
      usage: NO_USAGE,
      stop: 'end',
      toolCalls: 1,
      durationMs: 1,
    },
    { type: 'model-failed', model: 'openai/gpt', code: 'timeout', reason: '', next: 'none', durationMs: 1 },
    {
      type: 'tool-called',
      tool: 'read_file',
      chatId,
      agent: 'baker',
      workspace: 'psy',
      isError: true,
      outcome: 'failed',
      durationMs: 1,
    },
  ],
  promise: [
    { type: 'promise-attempt-started', ...attempt },
    { type: 'agent-run-ended', agent: 'baker', chatId, workspace: 'psy', outcome: 'done', durationMs: 1 },
    { type: 'coding-run-ended', ...attempt, agent: 'claude-code', stop: 'end', denials: 0, durationMs: 1 },
    { type: 'commit-ended', what: 'promises', outcome: 'failed', durationMs: 1 },
    {
      type: 'promise-attempt-ended',
      ...attempt,
      taskType: 'code',
      agent: 'baker',
      end: 'fail',
      status: 'failed',
      reason: { code: 'timeout', message: '' },
      usage: NO_USAGE,
      durationMs: 1,
    },
  ],
  deliver: [
    { type: 'gateway-called', gateway: 'telegram', chatId, outcome: 'failed', code: 'timeout', durationMs: 1 },
    { type: 'delivery-not-recorded', ...item, failures: 1, reason: '', error: undefined },
    { type: 'message-delivered', ...item, promiseId: promiseId(1), messageId: about.messageId, attempts: 1, durationMs: 1 },
  ],
};

const NAMES: Readonly<Record<string, string>> = {
  baker: '<agent>',
  'claude-code': '<agent>',
  'claude-x': '<model>',
  gpt: '<model>',
  read_file: '<tool>',
  telegram: '<gateway>',
  turn: '',
  promises: '',
};

/** Which work leads to which. */
const LED: readonly (readonly [WorkName, WorkName?])[] = [
  ['receive'],
  ['fetch', 'receive'],
  ['turn', 'receive'],
  ['agent', 'turn'],
  ['agent', 'promise'],
  ['promise', 'turn'],
  ['deliver', 'turn'],
  ['deliver', 'promise'],
];

const madeSpans = (): readonly (Span & { readonly parent: string })[] => {
  const correlation = makeCorrelation();
  const spans: Span[] = [];
  const { onEvent, onEnd, onContent } = makeSpans({
    correlation,
    isSampled: () => true,
    clock: Date,
    add: ({ make }) => spans.push(make() as Span),
    redact: (said) => said,
  });
  correlation.onEnd(onEnd);
  const names = Object.keys(WORK_SPANS) as WorkName[];
  const idOf = (name: WorkName): string => String(names.indexOf(name) + 1).repeat(16);
  for (const [name, parent] of LED) {
    const scope: WorkScope = {
      name,
      correlationId: 'a'.repeat(32),
      spanId: parent ? `${idOf(parent).slice(8)}${idOf(name).slice(8)}` : idOf(name),
      ...(parent ? { parentSpanId: idOf(parent) } : {}),
      ...(name === 'agent' ? { agent: 'baker' } : {}),
    };
    correlation.run(scope, () => {
      for (const event of HAPPENINGS[name]) {
        if (event.type === 'model-responded') onContent(MODEL_CONTENT);
        if (event.type === 'tool-called') onContent({ type: 'tool-content', tool: 'read_file', input: {}, output: '', outcome: 'done' });
        onEvent(event);
      }
      if (name === 'agent') onContent({ ...MODEL_CONTENT, replied: { failed: 'unavailable', reason: '' } });
    });
  }
  const nameOf = new Map(spans.map(({ spanId, name }) => [spanId.slice(8), patternOf(name)]));
  return spans.map((span) => ({ ...span, parent: nameOf.get(span.parentSpanId?.slice(8) ?? '') ?? '' }));
};

/** `chat claude-x` is a `chat <model>`. */
const patternOf = (name: string): string => {
  const [, first = name, last] = /^(chat|execute_tool|invoke_agent|send) (.*)$/.exec(name) ?? [];
  return last === undefined ? name : `${first} ${NAMES[last] ?? last}`;
};

/** The rows of the page: one of each span, with what it may say. */
const rows = (): readonly string[] => {
  const spans = madeSpans();
  const byName = Map.groupBy(spans, ({ name }) => patternOf(name));
  return [...byName]
    .map(([name, same]) => {
      const keys = [...new Set(same.flatMap(({ attributes }) => Object.keys(attributes)))].toSorted();
      const parents = [...new Set(same.map(({ parent }) => parent))].filter((parent) => parent !== '');
      const kinds = [...new Set(same.map(({ kind }) => kind))];
      const below = parents.map((parent) => `\`${parent}\``).join(', ') || '';
      return `| \`${name}\` | ${kinds.join(', ')} | ${below} | ${keys.map((key) => `\`${key}\``).join(', ')} |`;
    })
    .toSorted();
};

const page = readFileSync(new URL('../../docs/reference/traces.md', import.meta.url), 'utf8');
const rowsUnder = (heading: string): readonly string[] =>
  (page.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '').split('\n').filter((line) => /^\| `/.test(line));

describe('The reference of traces', () => {
  it('has a row for every span, with its kind, what it stands below, and every attribute that it may have', () => {
    expect(rowsUnder('Spans').toSorted()).to.deep.equal(rows());
  });

  it('says what every attribute means, and names no other', () => {
    const known = [...Object.values(GEN_AI), ...Object.values(KEPT), ...Object.values(RESOURCE), ERROR_TYPE];
    const told = rowsUnder('Attributes').map((row) => /^\| `([^`]+)` \| \S/.exec(row)?.[1]);
    expect(told.toSorted()).to.deep.equal(known.toSorted());
  });

  it('has an attribute for every name that the code knows', () => {
    const made = new Set(madeSpans().flatMap(({ attributes }) => Object.keys(attributes)));
    expect([...Object.values(GEN_AI), ...Object.values(KEPT), ERROR_TYPE].filter((name) => !made.has(name))).to.deep.equal([]);
  });
});
