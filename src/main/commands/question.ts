import { MAX_MESSAGE_LENGTH } from '../../domain/index.ts';
import { UsageError } from '../failures.ts';

/** What is asked: the word of the command line, or standard input where that is `-`, or absent in a pipe. */
export const readQuestion = async (written: string | undefined, input: NodeJS.ReadStream = process.stdin): Promise<string> => {
  const isPiped = written === '-' || (written === undefined && input.isTTY !== true);
  const text = (isPiped ? await readAll(input) : (written ?? '')).trim();
  if (text === '') throw new UsageError('nothing is asked: write a question in quotes, or send it to standard input', 'usage/no-question');
  // Bytes that are not UTF-8 were read as this sign.
  if (isPiped && /[\0\uFFFD]/.test(text)) throw new UsageError('standard input is no text in UTF-8', 'usage/no-text');
  if (text.length > MAX_MESSAGE_LENGTH) throw tooLong();
  return text;
};

const tooLong = (): UsageError =>
  new UsageError(`the question is longer than ${MAX_MESSAGE_LENGTH} characters: ask for less at once`, 'usage/question-too-long');

const readAll = async (input: NodeJS.ReadStream): Promise<string> => {
  let text = '';
  input.setEncoding('utf8');
  for await (const chunk of input) {
    text += chunk;
    if (text.length > MAX_MESSAGE_LENGTH * 2) throw tooLong();
  }
  return text;
};
