import { commandHint, excerptWithLength, type Media, withoutAdvice } from '../../domain/index.ts';
import { mediaName } from '../../ports/adapter-kit/shown-media.ts';
import type { Topic } from './small-talk.ts';
import type { ToolResult } from './turn.ts';

const REAL_MODEL =
  'For a real model, put ANTHROPIC_API_KEY, or OPENAI_API_KEY, or an OPENAI_BASE_URL such as Ollama’s, into .env (.env.example shows how), and start Kept again.';

/** By these words, it knows that it has said so. */
export const WHAT_IT_IS = 'the rehearsal model: offline, no AI, a few fixed rules over real tools';

/** Said once in a conversation, under its first answer: nobody shall take this for a language model. */
export const SIGNATURE = `— I am ${WHAT_IT_IS}. ${REAL_MODEL} Say “help” for what I understand.`;

const COUNT_SLOWLY = 'in the background, count to 30 slowly';
const LATER = 'in 1 minute, count the TODO comments in this project';
const lines = (examples: readonly string[]): string => examples.map((example) => `- ${example}`).join('\n');
const TWO_LINES = `Two lines to try; copy one:\n${lines([COUNT_SLOWLY, LATER])}`;

/** What no other chat shows. */
const trick = (): string =>
  `While a promise runs, end my process hard: \`kill -9\` and the PID that it showed at its start (${commandHint('status')} shows it, too). Start it again with ${commandHint('start')}: the result still comes.`;

/** None names a promise as if it stood: the promise gate would take it for a claim. */
const EXAMPLES = [
  COUNT_SLOWLY,
  'in the background, count the TODO comments in this project',
  'in 1 minute, count the TODO comments in this project',
  'at 17:00, list files in src',
  'remind me in 10 minutes to stretch',
  'every day at 9am, count the TODO comments',
  'every 5 minutes, count the TODO comments',
  'list the files, then count the FIXMEs in the background',
  'count the TODO comments in this project',
  'search for retry in src',
  'list files in src',
  'read README.md',
  'list my promises',
  'what is promise #3?',
  'cancel #3',
  'list my schedules',
  'cancel schedule 2',
  'write 20000 characters',
  'claim work without a promise',
] as const;

export const help = (): string =>
  `I understand requests like these:\n${lines(EXAMPLES)}\n\n${trick()}\n\nTo see one fail and be tried again: “in the background, read notes.txt” where there is no such file; then make the file, and send /retry with its number.`;

/** `notes` are what the model was told of the time. */
export const smallTalk = (topic: Topic, notes: string): string => {
  switch (topic) {
    case 'hello':
      return `Hello! I am Kept: what takes longer than a reply becomes a promise, and its result always comes back to this chat. ${TWO_LINES}\n\n${trick()}`;
    case 'nod':
      return `All right. ${TWO_LINES}`;
    case 'thanks':
      return `You are welcome. ${TWO_LINES}`;
    case 'bye':
      return 'Goodbye! What was promised stands, and its result comes here, whoever is looking. “list my promises” shows what that is.';
    case 'time':
      return `${toldTime(notes)} Times to start at may be named like this:\n${lines([LATER, 'at 17:00, list files'])}`;
    case 'word':
      return `A promise is written down in the same moment as the answer that names its number, and its result is sent until it has arrived, whatever process dies in between. ${trick()}\n\n${TWO_LINES}`;
    case 'who':
      return `I am Kept, and the words come from ${WHAT_IT_IS}. ${REAL_MODEL}\n\n${TWO_LINES}`;
    case 'model':
      return `${REAL_MODEL} Until then the rehearsal model answers, which knows a few fixed rules; “help” lists them.`;
  }
};

const toldTime = (notes: string): string => {
  const [, time] = /it is (\w+day, [^.]*\.)/.exec(notes) ?? [];
  return time === undefined ? 'Nobody told me the time.' : `It is ${time}`;
};

/** The names alone: it is no AI. */
export const sawFiles = (media: readonly Media[]): string =>
  `I was shown ${media.map((one) => `${FILES[one.kind]} ${mediaName(one)}`).join(', ')}. I look into no file.`;
const FILES: Readonly<Record<Media['kind'], string>> = { picture: 'the picture', pdf: 'the PDF', text: 'the text file' };

export const notUnderstood = (text: string): string =>
  `${noSuchCommand(text)}You said ${quote(text)}. I have no rule for that, so I did nothing about it. What I have a rule for; copy a line:\n${lines(nearest(text))}`;

/** What looks like a command and is none, with words behind it. */
const noSuchCommand = (text: string): string => {
  const command = /^\s*(\/[a-z][\w-]{0,31})(?=\s)/i.exec(text)?.[1];
  return command === undefined ? '' : `No such command: ${command}; /help lists them. `;
};

/** Examples that share a word with the text; else the two that show most. */
const nearest = (text: string): readonly string[] => {
  const words = new Set(
    text
      .slice(0, 500)
      .toLowerCase()
      .match(/[a-z]{4,}/g) ?? [],
  );
  const near = EXAMPLES.filter((example) => example.match(/[a-zA-Z]{4,}/g)?.some((word) => words.has(word.toLowerCase())));
  return [...near.slice(0, 2), COUNT_SLOWLY, LATER].filter((line, at, all) => all.indexOf(line) === at).slice(0, 2);
};

export const notATask = (text: string): string => `I have no rule for ${quote(text)} as the task of a promise, so nothing was done.`;

export const countedTo = (to: number): string => Array.from({ length: to }, (_, i) => i + 1).join(' ');

/** Quoted: they are the person's own words, and claim nothing. */
export const reminder = (what: string): string => `Reminder: ${quote(what.replace(/^(?:to|that|about|of) /i, ''))}`;

export const noSuchTool = (text: string, tool: string): string =>
  `${quote(text)} needs the tool ${tool}, and I was not given it here: nothing was done.`;

export const toolFailed = (text: string, tool: string, output: string): string => {
  const thrown = `${tool} failed: `;
  const said = withoutAdvice(output);
  return `${quote(text)} failed: ${shorten(said.startsWith(thrown) ? said.slice(thrown.length) : said)}`;
};

/** What make_promise said of each task, and which tasks it was not asked for any more. */
export const promised = (tasks: readonly string[], results: readonly ToolResult[]): string => {
  const lines = results.map(({ output, isError }, i) => {
    const task = quote(tasks[i] ?? '');
    const number = promiseNumber(output);
    if (isError) return `I could not promise ${task}: ${shorten(output.replace(/^No promise was made: /, ''))}`;
    if (number === undefined) return `For ${task}, make_promise says: ${shorten(output)}`;
    const parent = i > 0 ? promiseNumber(results[i - 1]?.output ?? '') : undefined;
    const start = / It starts at (\d{4}-\d\d-\d\d \d\d:\d\d \([^)]*\))\./.exec(output)?.[1];
    const when = [...(parent === undefined ? [] : [`, once #${parent} is kept`]), ...(start === undefined ? [] : [`, at ${start}`])].join(
      '',
    );
    const watch = /slowly$/i.test(tasks[i] ?? '') ? ` ${trick()}` : '';
    return `Promise #${number}${when}: ${task}. The result will come to this chat.${watch}`;
  });
  const left = tasks.slice(results.length).map((task) => `${quote(task)} was to follow and is not promised.`);
  return [...lines, ...left].join('\n');
};

export const promiseNumber = (output: string): number | undefined => {
  const number = /^Promise #(\d{1,15})\b/.exec(output)?.[1];
  return number === undefined ? undefined : Number(number);
};

const SUMMARY = /^([\d,]+) matching lines? in ([\d,]+) files? \(([\d,]+) files? searched, ([\d,]+) skipped\)/;
const MAX_FILES = 20;

export const counted = (marker: string, output: string): string => {
  const [, total, files, searched, skipped] = SUMMARY.exec(output) ?? [];
  if (total === undefined) return shown(`What search_files says about ${marker} comments`, output);
  const perFile = new Map<string, number>();
  for (const line of output.split('\n').slice(1)) {
    const path = /^(.+?):\d+: /.exec(line)?.[1];
    if (path !== undefined) perFile.set(path, (perFile.get(path) ?? 0) + 1);
  }
  const listed = [...perFile.values()].reduce((sum, n) => sum + n, 0);
  const head = `${marker} comments: ${total}, in ${files} ${files === '1' ? 'file' : 'files'} (${searched} searched, ${skipped} skipped).`;
  if (perFile.size === 0) return head;
  const lines = [...perFile].slice(0, MAX_FILES).map(([path, n]) => `- ${path}: ${n}`);
  const more = perFile.size > MAX_FILES ? [`- and ${perFile.size - MAX_FILES} more files`] : [];
  const part = String(listed) === total.replaceAll(',', '') ? [] : [`Of the first ${listed}:`];
  return [head, ...part, ...lines, ...more].join('\n');
};

export const found = (term: string, output: string): string => shown(`Search for ${quote(term)}`, output);

export const listed = (output: string): string => (output.trim() === '' ? 'list_promises lists none.' : `Promises:\n${shorten(output)}`);

export const schedules = (output: string): string => `Schedules:\n${shorten(output)}`;

/** What the tool says, without what it says to the model alone. */
export const scheduled = (output: string): string => shorten(output.replace(/ Tell the person .*$/, ''));

export const foundPromise = (id: number, output: string): string => {
  const line = output.split('\n').find((candidate) => candidate.startsWith(`#${id} `));
  return line ?? `There is no promise #${id} here. “list my promises” shows which there are.`;
};

/** A tool's output in a fence that the output can't close. */
export const shown = (title: string, output: string): string => {
  const ticks = Math.max(2, ...(output.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(ticks + 1);
  return `${title}:\n${fence}\n${shorten(output)}\n${fence}`;
};

/** What nobody should be told: no promise stands behind it. */
export const FALSE_CLAIM = 'You asked for a false claim, and here it is. I will look into it and get back to you.';
/** What is promised in its place. */
export const CLAIMED_TASK = 'count the TODO comments in this project';
export const NOTHING_TO_COME = 'That claim was false, and was sent back. I can promise nothing here: this is all.';
/** Says what Kept's note says: a message that is nothing but links is saved with it. */
export const linksSaved = (left: number): string =>
  `Saved${left === 0 ? '' : `, but for the last ${left}: send ${left === 1 ? 'it' : 'them'} again`}. To see what is saved here: use search_links {}`;

const MAX_QUOTE = 1000;
const MAX_OUTPUT = 3000;

const quote = (text: string): string => `“${excerptWithLength(text.trim(), MAX_QUOTE)}”`;

const shorten = (output: string): string => excerptWithLength(output.trimEnd(), MAX_OUTPUT);
