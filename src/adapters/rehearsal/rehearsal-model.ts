import { setImmediate } from 'node:timers/promises';
import { FAILURE_TOOL } from '../../domain/agent/steps-in-words.ts';
import type { ConversationStep, ToolCall } from '../../domain/conversation/conversation.ts';
import { requireNode } from '../../domain/shared/node-version.ts';
import { pause } from '../../ports/adapter-kit/pause.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LanguageModel, ModelReply, ModelRequest } from '../../ports/language-model.ts';
import { PortError } from '../../ports/port-error.ts';
import { SIGNATURE, sawFiles, WHAT_IT_IS } from './answers.ts';
import { nextMove } from './plan.ts';
import { isNote, notesIn, type OpenRequest, openMedia, openRequests } from './turn.ts';

const NAME = 'rehearsal/offline';
/** Before each word of a reply, where it was asked to be slow: a page takes half a minute. */
const SLOW_MS = 50;
/** Before each number, likewise; what else is said is not slower for it. */
const SLOW_COUNT_MS = 1_000;

/** A part of a reply, and what is waited before each of its words. */
interface Said {
  readonly text: string;
  readonly waitMs: number;
}

interface Reply extends Pick<ModelReply, 'text' | 'toolCalls'> {
  /** The parts of the text. */
  readonly said: readonly Said[];
}

/**
 * A model that is none: offline and deterministic, it answers by a few documented rules and drives the real tools, so
 * that everything else can be tried without a key. Deals with every message since the last answer. Every fact in its
 * replies is the conversation's or a tool's. `paceMs` is waited, by `clock`, before each word, and 50 ms at the least
 * where a request says `slowly`; a second before each number that is counted so. 0 or absent: no wait. Without a clock
 * nothing is slow.
 */
export const makeRehearsalModel = (options: { readonly paceMs?: number; readonly clock?: Clock } = {}): LanguageModel => {
  requireNode(process.versions.node);
  const { paceMs = 0, clock } = options;
  if (paceMs > 0 && !clock) throw new TypeError('a pace needs a clock');
  const breathe = (ms: number, signal: AbortSignal): Promise<void> => (ms > 0 && clock ? pause(clock, ms, signal) : setImmediate());
  return {
    name: NAME,
    async respond(request, { signal, onEvent }) {
      const open = openRequests(request.conversation);
      const { text, toolCalls, said } = reply(open, request, paceMs);
      if (toolCalls.length > 0) onEvent({ type: 'activity' });
      for (const part of said)
        for (const word of part.text.match(/^\s+|\S+\s*/g) ?? []) {
          await breathe(part.waitMs, signal);
          throwIfAborted(signal);
          onEvent({ type: 'text', text: word });
        }
      await setImmediate();
      throwIfAborted(signal);
      return {
        text,
        toolCalls,
        stop: toolCalls.length > 0 ? 'tool_calls' : 'end',
        usage: {
          inputTokens: tokens(request.instructions + JSON.stringify(request.conversation, withoutMedia)),
          outputTokens: tokens(text + (toolCalls.length > 0 ? JSON.stringify(toolCalls) : '')),
          cacheReadTokens: 0,
          cacheWriteTokens: 0,
        },
        model: NAME,
      };
    },
  };
};

const isSlow = ({ request }: OpenRequest, kind: 'write' | 'count-to'): boolean =>
  request.kind === kind && 'slowly' in request && request.slowly;

/**
 * All calls that any request needs now, at once; where none needs any, the answers to all. In a promise's own run, one
 * that could not be done is a failure.
 */
const reply = (requests: readonly OpenRequest[], { tools, conversation }: ModelRequest, paceMs: number): Reply => {
  const stage = { offered: new Set(tools.map(({ name }) => name)), notes: notesIn(conversation) };
  const isPromise = stage.offered.has(FAILURE_TOOL);
  const moves = requests.map((open) => ({
    id: open.nextCallId,
    move: nextMove(open, stage),
    message: open.message === undefined ? {} : { message: open.message },
    isCounted: isSlow(open, 'count-to'),
  }));
  const takesMessage = new Set(tools.filter(({ inputSchema }) => 'message' in Object(inputSchema.properties)).map(({ name }) => name));
  const toolCalls = moves.flatMap(({ id, move, message }): ToolCall[] =>
    'tool' in move ? [{ id, tool: move.tool, input: { ...move.input, ...(takesMessage.has(move.tool) ? message : {}) } }] : [],
  );
  if (toolCalls.length > 0) return { text: '', toolCalls, said: [] };
  const waitMs = Math.max(paceMs, requests.some((open) => isSlow(open, 'write')) ? SLOW_MS : 0);
  const answers = moves.flatMap(({ move, isCounted }): Said[] =>
    'answer' in move ? [{ text: move.answer, waitMs: isCounted ? Math.max(SLOW_COUNT_MS, waitMs) : waitMs }] : [],
  );
  const media = openMedia(conversation);
  if (media.length > 0) answers.unshift({ text: sawFiles(media), waitMs });
  if (answers.length === 0) answers.push({ text: 'Nothing was said that I could answer.', waitMs });
  if (isPromise && moves.some(({ move }) => 'answer' in move && move.lacks)) {
    const reason = answers.map(({ text }) => text).join('\n\n');
    return { text: '', toolCalls: [{ id: 'rehearsal_failure', tool: FAILURE_TOOL, input: { reason } }], said: [] };
  }
  if (!isPromise && !hasIntroduced(conversation)) answers.push({ text: SIGNATURE, waitMs });
  const said = answers.map((each, at): Said => (at < answers.length - 1 ? { ...each, text: `${each.text}\n\n` } : each));
  return { text: said.map(({ text }) => text).join(''), toolCalls, said };
};

/**
 * Whether it has said what it is, in what it is shown: other models may have answered before, and what was sent back
 * nobody saw.
 */
const hasIntroduced = (conversation: readonly ConversationStep[]): boolean =>
  conversation.some((step, at) => step.role === 'agent' && step.text.includes(WHAT_IT_IS) && !isNote(conversation[at + 1]));

/** It looks into no file. */
const withoutMedia = (field: string, value: unknown): unknown => (field === 'media' ? undefined : value);

const tokens = (text: string): number => Math.ceil(text.length / 4);

const throwIfAborted = (signal: AbortSignal): void => {
  if (signal.aborted) throw new PortError('aborted', 'the rehearsal was aborted', { retryable: false });
};
