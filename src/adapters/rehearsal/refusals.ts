/** Parts of one chain of promises, at the most; each takes a step of the run. */
export const MAX_CHAIN = 5;

/** What a request lacks, or why it can't be done, in words that can be copied from. None claims anything. */
const like = (question: string, ...examples: readonly string[]): string =>
  [question, 'Like this:', ...examples.map((example) => `- ${example}`)].join('\n');

export const searchForWhat = like('Search for what?', 'search for retry in src');
export const readWhat = like('Read which file?', 'read README.md');
export const quotePath = (verb: string, path: string): string =>
  like('Is that one path? One with spaces stands in quotes.', `\`${verb} "${path.replace(/["`]/g, '')}"\``);
export const listWhat = like('List what?', 'list files in src', 'list my promises', 'list my schedules');
export const filesWhere = like('The files in which directory?', 'list files in src', 'list files');
export const countWhat = like('Count what?', 'count the TODO comments in src', 'count to 30 slowly');
export const countLimits = like('I count from 1 up to 1,000.', 'count to 30 slowly');
export const writeLimits = like('I write samples of 1 to 100,000 characters.', 'write 20000 characters');
export const remindOfWhat = like('Remind you of what, and when?', 'remind me in 10 minutes to stretch');
export const remind = (what: string): string =>
  !/^(?:to|that|about|of) /i.test(what)
    ? remindOfWhat
    : like('When? I remind at a time.', `\`remind me in 10 minutes ${what.replaceAll('`', '')}\``);
export const cancelWhat = like(
  'Cancel what? I cancel by number, one at a time. “list my promises” shows the numbers.',
  '/cancel 3',
  '/cancel schedule 2',
);
export const retryWhat = like('Try which promise again? “list my promises” shows the numbers.', '/retry 3');
export const retryByCommand = (id: string): string => like('A command does that; send it as it stands.', `/retry ${id}`);
export const scheduleWhat = like(
  'Schedule what, and when?',
  'every day at 9:00, count the TODO comments',
  'in 5 minutes, list files in src',
);
export const promiseWhat = like('What shall I promise?', 'in the background, count the TODO comments in this project', 'list my promises');
export const whichPromise = like('Which promise? They have numbers.', 'what is promise #3?', 'list my promises');
export const whatInBackground = like('What is to be done in the background?', 'in the background, count the TODO comments in this project');
export const whatThen = like(
  'What is to be done then?',
  'in 5 minutes, count the TODO comments',
  'every day at 9:00, count the TODO comments',
);

export const impossibleTime = (why: string): string =>
  like(
    `${why}. Nothing was made.`,
    'in 5 minutes, count the TODO comments',
    'at 17:00, list files',
    'every 15 minutes, count the TODO comments',
  );
export const chainTooLong = (length: number): string =>
  `A chain has at most ${MAX_CHAIN} tasks, and this one has ${length}. Nothing was made.`;
export const oneTaskEach = like('A schedule has one task, and no chain. Nothing was made.', 'every day at 9:00, count the TODO comments');

/** Nothing is promised that can't be kept. */
export const noRuleToPromise = (task: string): string =>
  [
    `I have no rule for ${task}, so I make no promise of it. I promise what I can do: count TODO comments, search, list and read files,`,
    'list promises and schedules, count slowly, write samples, and remind you.',
    like('', 'in the background, count the TODO comments in this project', 'remind me in 10 minutes to stretch').trimStart(),
  ].join(' ');
export const lacksToPromise = (why: string): string => `No promise was made. ${why}`;

export const noJson = (tool: string): string =>
  `What stands behind ${tool} is no JSON object, so I did not call it. Write its arguments like this: use ${tool} {"name": "value"}`;
