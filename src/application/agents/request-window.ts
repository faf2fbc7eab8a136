import type { MessageId } from '../../domain/chat/ids.ts';
import { type ConversationStep, fitConversation, hasMedia, tokensOf, withoutMedia } from '../../domain/conversation/conversation.ts';
import { beginningOf } from '../../domain/shared/excerpt.ts';
import { isPortError } from '../../ports/port-error.ts';

/** The shortest length to which a tool's result is cut, in UTF-16 units. */
const MIN_OUTPUT_LENGTH = 500;
const CUT = '\n(Cut here: the rest was too long.)';

/** What was left out of a run because its model refused it. */
export interface Shortened {
  /** `refused`: the model refuses what was said before, whatever its length. */
  readonly reason: 'too-long' | 'refused';
  /**
   * How long the conversation may be, what is asked included, by the rough count: as long as the model took it, or half
   * of what it refused last, where that is more: one long message must not count for all.
   */
  readonly tokens: number;
}

/**
 * What a model is shown of a run: all of it, until it refuses that as too long. Then what was said before is halved
 * again and again, or the results of tools are, whichever is more; the words of what is asked stay whole. Files go
 * first: those of earlier messages, and in the end all of them. A request that is refused for any other reason is asked
 * once more without what models attached to the run's steps, then without what was said before: these alone may be what
 * is refused. So may what was said before be what a model declines. Files are not: a model leaves out by itself those
 * that it does not take (`LanguageModel`).
 */
export interface RequestWindow {
  shown(steps: readonly ConversationStep[]): readonly ConversationStep[];
  /** Whether there is less to show after this failure. */
  shorten(steps: readonly ConversationStep[], error: unknown): boolean;
  /**
   * Shows nothing of what was said before; gives what shows it again, or undefined where nothing was said before.
   */
  forget(steps: readonly ConversationStep[]): (() => void) | undefined;
  /** Absent: all that was said before was shown. */
  shortened(): Shortened | undefined;
}

export const makeRequestWindow = (
  conversation: readonly ConversationStep[],
  asked: readonly { readonly messageId: MessageId }[] = [],
): RequestWindow => {
  const start = startOfQuestion(conversation, new Set(asked.map(({ messageId }) => messageId)));
  let question: readonly ConversationStep[] = conversation.slice(start);
  let history: readonly ConversationStep[] = conversation.slice(0, start);
  let outputLength = Number.POSITIVE_INFINITY;
  /** What a model attached to earlier steps belongs to the conversation as it was. */
  let detached = 0;
  let reason: Shortened['reason'] | undefined;
  let refusedTokens = 0;

  const conversationTokens = (): number => sum(history) + sum(question);
  const run = (steps: readonly ConversationStep[]): readonly ConversationStep[] => [...question, ...steps];
  const shortOutput = (step: ConversationStep): ConversationStep =>
    step.role === 'tool' && step.output.length > outputLength
      ? { ...step, output: `${beginningOf(step.output, outputLength)}${CUT}` }
      : step;

  const halveHistory = (): boolean => {
    if (history.length === 0) return false;
    reason ??= 'too-long';
    refusedTokens = conversationTokens();
    const maxTokens = Math.floor(sum(history) / 2);
    const half = fitConversation(history, { maxSteps: history.length, maxTokens });
    history = half.length < history.length ? half : [];
    return true;
  };

  const halveOutputs = (steps: readonly ConversationStep[]): boolean => {
    const longest = Math.max(0, ...run(steps).map((step) => (step.role === 'tool' ? Math.min(step.output.length, outputLength) : 0)));
    if (longest <= MIN_OUTPUT_LENGTH) return false;
    outputLength = Math.max(MIN_OUTPUT_LENGTH, Math.floor(longest / 2));
    return true;
  };

  const dropEarlierFiles = (): boolean => {
    if (!history.some(hasMedia)) return false;
    reason ??= 'too-long';
    refusedTokens = conversationTokens();
    history = withoutMedia(history);
    return true;
  };

  const dropAskedFiles = (): boolean => {
    if (!question.some(hasMedia)) return false;
    question = withoutMedia(question);
    return true;
  };

  const shorten = (steps: readonly ConversationStep[], error: unknown): boolean => {
    if (!isPortError(error)) return false;
    if (error.code === 'invalid-request') {
      if (history.length === 0) return false;
      history = [];
      reason = 'refused';
      return true;
    }
    if (error.code !== 'too-long') return false;
    if (dropEarlierFiles()) return true;
    const outputs = sum(
      run(steps)
        .filter(({ role }) => role === 'tool')
        .map(shortOutput),
    );
    if (outputs <= sum(history) && halveHistory()) return true;
    return halveOutputs(steps) || halveHistory() || dropAskedFiles();
  };

  return {
    shown: (steps) => [...history, ...run(steps.map((step, at) => (at < detached ? withoutAttached(step) : step))).map(shortOutput)],
    shorten: (steps, error) => {
      // What was signed elsewhere is refused by an account, or behind a gateway, that did not sign it.
      const isDetached = isPortError(error) && error.code === 'invalid-request' && steps.slice(detached).some(hasAttached);
      const isShorter = isDetached || shorten(steps, error);
      if (isShorter) detached = steps.length;
      return isShorter;
    },
    forget: (steps) => {
      if (history.length === 0) return undefined;
      const before = { history, detached, reason };
      [history, detached, reason] = [[], steps.length, 'refused'];
      return () => {
        ({ history, detached, reason } = before);
      };
    },
    shortened: () => reason && { reason, tokens: Math.max(conversationTokens(), Math.floor(refusedTokens / 2)) },
  };
};

/**
 * Where what is asked now begins: at the first of the messages that are answered, else at the last that a person said.
 */
const startOfQuestion = (conversation: readonly ConversationStep[], asked: ReadonlySet<MessageId>): number => {
  const isAsked = (step: ConversationStep): boolean => step.role === 'person' && step.messageId !== undefined && asked.has(step.messageId);
  const first = conversation.findIndex(isAsked);
  return first >= 0
    ? first
    : Math.max(
        0,
        conversation.findLastIndex((step) => step.role === 'person' && !step.note),
      );
};

const sum = (steps: readonly ConversationStep[]): number => steps.reduce((total, step) => total + tokensOf(step), 0);

const hasAttached = (step: ConversationStep): boolean => step.role === 'agent' && step.attached !== undefined;

const withoutAttached = (step: ConversationStep): ConversationStep => {
  if (step.role !== 'agent') return step;
  const { attached: _, ...rest } = step;
  return rest;
};
