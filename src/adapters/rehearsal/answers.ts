import { MAX_CHAIN } from './requests.ts';
import type { ToolResult } from './turn.ts';

/** What every answer ends with: nobody shall take this for a language model. */
export const SIGNATURE = '— the rehearsal model: offline, no AI, a few fixed rules over real tools. Say “help” for what I understand.';

/** None names a promise as if it stood: the promise gate would take it for a claim. */
const EXAMPLES = [
  'in the background, count the TODO comments in this project',
  'list the files, then count the FIXMEs in the background',
  'count the TODO comments in this project',
  'search for retry in src',
  'list files in src',
  'read README.md',
  'list my promises',
  'what is promise #3?',
  'cancel #3',
  'every day at 9:00, count the TODO comments',
  'list my schedules',
  'cancel schedule 2',
  'write 20000 characters',
  'write 1000 characters slowly',
  'claim work without a promise',
] as const;

export const help = (): string => `I understand requests like these:\n${EXAMPLES.map((example) => `- ${example}`).join('\n')}`;

export const notUnderstood = (text: string): string =>
  `You said ${quote(text)}. I have no rule for that, so I did nothing about it. I can make promises for background tasks (at most ${MAX_CHAIN} in a chain) and schedules for recurring ones, list and cancel them, count TODO comments, search, list and read files, and write samples of any length.`;

export const noSuchTool = (text: string, tool: string): string =>
  `${quote(text)} needs the tool ${tool}, and I was not given it here: nothing was done.`;

export const toolFailed = (text: string, tool: string, output: string): string => `${quote(text)} failed: ${tool} says: ${shorten(output)}`;

/** What make_promise said of each task, and which tasks it was not asked for any more. */
export const promised = (tasks: readonly string[], results: readonly ToolResult[]): string => {
  const lines = results.map(({ output, isError }, i) => {
    const task = quote(tasks[i] ?? '');
    const number = promiseNumber(output);
    if (isError) return `I could not promise ${task}: make_promise says: ${shorten(output)}`;
    if (number === undefined) return `For ${task}, make_promise says: ${shorten(output)}`;
    const parent = i > 0 ? promiseNumber(results[i - 1]?.output ?? '') : undefined;
    return `Promise #${number}${parent === undefined ? '' : `, once #${parent} is kept`}: ${task}. The result will come to this chat.`;
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
  return line ?? `list_promises shows no promise #${id} here.`;
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

const MAX_QUOTE = 1000;
const MAX_OUTPUT = 3000;

const quote = (text: string): string => `“${excerpt(text.trim(), MAX_QUOTE)}”`;

const shorten = (output: string): string => excerpt(output.trimEnd(), MAX_OUTPUT);

const excerpt = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length).trimEnd()}… (${text.length} characters in all)` : text;
