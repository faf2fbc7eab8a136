import { NO_USAGE, type Usage } from '../../domain/conversation/turn.ts';
import { beginningOf, excerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import { finishOf } from '../../ports/adapter-kit/model-finish.ts';
import type { ModelReply } from '../../ports/language-model.ts';
import { PortError } from '../../ports/port-error.ts';
import type { ReaderOptions, StreamReader } from './api.ts';
import { makeCallReader } from './calls.ts';
import { type Counts, readChunk } from './chunk.ts';
import { makeSpokenText } from './spoken-text.ts';
import { makeThoughtReader, type ReturnedThoughts } from './thoughts.ts';

/** What a model says of its own refusal, as much as is told. */
const MAX_REFUSAL_LENGTH = 300;

/**
 * Puts a reply together from the chunks of its stream, and passes its text on as it comes, without what the model
 * thought aloud. What an OpenAI-compatible server may send is read by what it is; an answer that arrived is never
 * thrown away for how it was labelled.
 */
export const makeReplyReader = (options: ReaderOptions): StreamReader => {
  const { who, notice } = options;
  const calls = makeCallReader();
  const thoughts = makeThoughtReader();
  let { model } = options;
  let refusal = '';
  /** Also if it is a thought. */
  let hasText = false;
  let counts: Counts | undefined;
  /** The last word for why it ends; empty ones are apart. */
  let word: string | undefined;
  /** An empty word ends a reply where it is the last choice's, and no other's. */
  let emptyWords = 0;
  let isLastWordEmpty = false;
  let isDone = false;

  const spoken = makeSpokenText(options);
  const malformed = (what: string): PortError => new PortError('malformed-reply', `${who} ${what}`, { retryable: true });

  const usage = (): Usage => (counts ? usageOf(counts) : NO_USAGE);

  const endOf = (): ModelReply['stop'] => {
    if (refusal !== '') return 'refusal';
    const isEnded = word !== undefined || isDone || (isLastWordEmpty && emptyWords === 1);
    const meaning = word === undefined ? 'unknown' : finishOf(word);
    const isAnswer = spoken.text.trim() !== '' || calls.hasAny();
    if (!isEnded || (word === undefined && !isAnswer)) throw malformed('ended its stream before the reply was complete');
    if (meaning === 'failure') throw malformed(`broke its reply off: ${quote(word)}`);
    if (meaning === 'unknown' && !isAnswer) throw malformed(`stopped for a reason that is not known here: ${quote(word)}`);
    if (meaning === 'unknown') notice('unknown-finish', { model, reason: quote(word) });
    if (meaning === 'unknown' && calls.hasAny() && !calls.areWhole()) throw malformed('ended in the middle of a tool call');
    if (meaning === 'tool_calls' && !isAnswer) throw malformed('stopped to call tools and named none');
    if (meaning === 'length' || meaning === 'refusal') return meaning;
    // Some compatible servers end a complete tool call with `stop`; a cut one never ends so.
    return calls.hasAny() ? 'tool_calls' : 'end';
  };

  /** Some servers refuse the results of calls that come back without what the model thought of them. */
  const returned = (): ReturnedThoughts | undefined => {
    const back = { message: thoughts.fields(), calls: calls.thoughts() };
    return Object.keys(back.message).length > 0 || back.calls.some((fields) => fields) ? back : undefined;
  };

  return {
    read(data: unknown): void {
      const chunk = readChunk(data);
      model = chunk.model ?? model;
      counts = most(counts, chunk.counts);
      for (const part of chunk.calls) calls.add(part);
      refusal = beginningOf(refusal + chunk.refusal, MAX_REFUSAL_LENGTH);
      thoughts.add(chunk.thought);
      if (!(chunk.isWhole && hasText)) spoken.read(chunk.text);
      hasText ||= chunk.text !== '';
      word = chunk.finish || word;
      if (!chunk.hasChoice) return;
      isLastWordEmpty = chunk.finish === '';
      if (isLastWordEmpty) emptyWords++;
    },
    /** The server says that nothing more comes. */
    end(): void {
      isDone = true;
    },
    /** Whether what is there is a whole reply, whatever else may come. */
    isComplete: (): boolean => word !== undefined && finishOf(word) !== 'failure',
    isFull: spoken.isFull,
    beganInThought: spoken.beganInThought,
    /** Whether anything of it was passed on. */
    hasSpoken: (): boolean => spoken.text !== '',
    /** What was counted so far: of a call that breaks, that is what it had used. */
    usage,

    /** The reply to a request that was declined before a model answered it. */
    declined: (why: string): ModelReply => ({
      text: spoken.text,
      toolCalls: [],
      stop: 'refusal',
      refusal: why,
      usage: usage(),
      model,
    }),

    /**
     * The whole reply, or the beginning of one that is too long; throws PortError `malformed-reply` when the stream
     * ended before the message did.
     */
    reply(): ModelReply {
      spoken.end(word !== undefined && finishOf(word) === 'length');
      if (spoken.isFull()) return { text: spoken.text, toolCalls: [], stop: 'length', usage: usage(), model };
      const stop = endOf();
      const toolCalls = stop === 'tool_calls' ? calls.calls() : [];
      const declined = stop === 'refusal' ? refusal || word : undefined;
      const content = stop === 'tool_calls' ? returned() : undefined;
      return {
        text: spoken.text,
        toolCalls,
        stop,
        ...present({ refusal: declined, attached: content && { by: who, content } }),
        usage: usage(),
        model,
      };
    },
  };
};

const quote = (word: string | undefined): string => (word === undefined ? 'none' : excerpt(word, 100));

/** Counts are totals of the whole reply; a server that repeats them may begin or end with nothing. */
const most = (before: Counts | undefined, now: Counts): Counts | undefined => {
  if (!before) return now.prompt + now.completion > 0 ? now : undefined;
  return {
    prompt: Math.max(before.prompt, now.prompt),
    completion: Math.max(before.completion, now.completion),
    cacheRead: Math.max(before.cacheRead, now.cacheRead),
    cacheWrite: Math.max(before.cacheWrite, now.cacheWrite),
  };
};

/** Cached tokens are part of the prompt's count; in `Usage` each token counts once. */
export const usageOf = ({ prompt, completion, cacheRead, cacheWrite }: Counts): Usage => ({
  inputTokens: Math.max(0, prompt - cacheRead - cacheWrite),
  outputTokens: completion,
  cacheReadTokens: cacheRead,
  cacheWriteTokens: cacheWrite,
});
