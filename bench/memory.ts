import { CHAT_AGENT } from '../src/application/index.ts';
import { type ConversationStep, NO_USAGE } from '../src/domain/index.ts';
import type { LanguageModel, ModelRequest } from '../src/ports/index.ts';
import { buildMessage, telegramChat, telegramMessage } from '../src/testing/index.ts';
import { makeProcess, makeWorld, settle } from '../test/application/support/harness.ts';
import { table } from './table.ts';

/** What one turn sends to its model, in tokens of four characters. */
export interface MeasuredTurn {
  readonly tokens: number;
  /** Those that are not the beginning of an earlier request: a provider's cache does not have them. */
  readonly fresh: number;
  /** It begins with a summary. */
  readonly isSummedUp: boolean;
}

const QUESTION = 'What do the notes of the last meeting say about this point, and who wanted to look into it until Friday? ';
const ANSWER = 'The notes say that it was put off until the numbers are there, which Grace wanted to bring. '.repeat(4);

const asSent = ({ instructions, tools, conversation }: ModelRequest): string =>
  JSON.stringify({ instructions, tools, conversation: conversation.map((step) => ({ role: step.role, text: textOf(step) })) });
const textOf = (step: ConversationStep): string => (step.role === 'tool' ? step.output : step.text);

const sharedLength = (one: string, other: string): number => {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
};

/** Lets a model that counts answer `turns` questions of one chat, as the product shows them to it. */
export const measureTurns = async (turns: number): Promise<readonly MeasuredTurn[]> => {
  const measured: MeasuredTurn[] = [];
  const sent: string[] = [];
  const reply = { toolCalls: [], stop: 'end', usage: NO_USAGE, model: 'counting' } as const;
  const model: LanguageModel = {
    name: 'bench/counting',
    respond: async (request) => {
      const text = asSent(request);
      const known = Math.max(0, ...sent.map((earlier) => sharedLength(earlier, text)));
      sent.push(text);
      const isSummedUp = request.conversation.some((step) => textOf(step).includes('> In short: '));
      measured.push({ tokens: Math.ceil(text.length / 4), fresh: Math.ceil((text.length - known) / 4), isSummedUp });
      return { ...reply, text: `${ANSWER}(${measured.length})` };
    },
  };
  const summaryModel: LanguageModel = {
    name: 'bench/cheap',
    respond: async () => ({ ...reply, text: `In short: ${ANSWER.repeat(3)}` }),
  };
  const turn = { maxHistory: 50, maxHistoryTokens: 60_000 };
  const process = makeProcess(makeWorld(), { model, summaryModel, agent: CHAT_AGENT, turn });
  for (let n = 1; n <= turns; n++) {
    await process.receive(buildMessage({ messageId: telegramMessage(n), text: `${QUESTION}(${n})` }));
    await process.answerChat(telegramChat(501), new AbortController().signal);
    await settle();
  }
  return measured;
};

const meanFresh = (turns: readonly MeasuredTurn[]): number => turns.reduce((sum, { fresh }) => sum + fresh, 0) / turns.length;

/** New tokens a turn: of the first ten that begin with a summary, and of the last ten. */
export const freshTokens = (turns: readonly MeasuredTurn[]): { readonly first: number; readonly last: number } => {
  const start = turns.findIndex(({ isSummedUp }) => isSummedUp);
  if (start < 0) throw new Error('no turn began with a summary');
  return { first: meanFresh(turns.slice(start, start + 10)), last: meanFresh(turns.slice(-10)) };
};

if (import.meta.main) {
  const turns = await measureTurns(50);
  console.log(
    table(
      ['turn', 'tokens', 'new to the cache', 'summary'],
      turns.map(({ tokens, fresh, isSummedUp }, at) => [String(at + 1), String(tokens), String(fresh), isSummedUp ? 'yes' : '']),
    ),
  );
  const { first, last } = freshTokens(turns);
  const ratio = (last / first).toFixed(2);
  console.log(
    `\nNew tokens a turn: ${first.toFixed(0)} in the first ten after the summary, ${last.toFixed(0)} in the last ten: ${ratio} times.`,
  );
}
