import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from './site.ts';
import { type Stage, StepError } from './stage.ts';

/** One part of the demonstration. It rejects with StepError if what it shows does not come. */
export interface Step {
  /** What it shows, in a line. */
  readonly title: string;
  run(stage: Stage): Promise<void>;
}

/** A promise is made, and its result comes. */
const kept = async (stage: Stage, text: string, result: RegExp): Promise<void> => {
  await stage.say(text, /Promise #\d+/);
  await stage.hear(result);
};

/** What acts waits for a person, who approves it; then it runs, and its result comes. */
const approved = async (stage: Stage, text: string, result: RegExp): Promise<void> => {
  const asked = await stage.say(text, /approval #\d+/i);
  await stage.hear(/^Approval #\d+ is needed/);
  const [, number = ''] = /approval #(\d+)/i.exec(asked) ?? [];
  await stage.say(`/approve ${number}`, /is given/);
  await stage.hear(result);
};

/** A command ends with exit code 0, and prints this. */
const prints = async (stage: Stage, words: readonly string[], output: RegExp): Promise<void> => {
  const { code, output: printed } = await stage.run(...words);
  if (code !== 0) throw new StepError(`kept ${words[0]} ended with exit code ${code}: ${printed.trim()}`);
  if (!output.test(printed)) throw new StepError(`kept ${words[0]} printed nothing that fits ${output}`);
};

const call = (tool: string, input: object = {}): string => `use ${tool} ${JSON.stringify(input)}`;

export const STEPS: readonly Step[] = [
  {
    title: 'telegram_chat_agent looks through the files of its project',
    run: async (stage) => {
      await stage.say('list files', /README\.md/);
      await stage.say('read README.md', /Orders tea/);
      await stage.say('count the TODO comments', /TODO comments: 1/);
    },
  },
  {
    title: 'valor_agent keeps a promise, and its result comes by itself',
    run: (stage) => kept(stage, 'in the background, count the TODO comments', /TODO comments: 1/),
  },
  {
    title: 'a promise is kept, although the process is killed meanwhile',
    run: async (stage) => {
      await stage.say('in the background, count to 8 slowly', /Promise #\d+/);
      await stage.kill();
      await stage.start();
      await stage.hear(/1 2 3 4 5 6 7 8/);
    },
  },
  {
    title: 'what is asked for again and again becomes a schedule',
    run: async (stage) => {
      await stage.say('every day at 9am, count the TODO comments', /Schedule #1/);
      await stage.say('list my schedules', /count the TODO comments/);
      await stage.say('cancel schedule 1', /#?1/);
      await stage.say('list my promises', /Promises/);
    },
  },
  {
    title: 'search_web finds pages, with their sources',
    run: async (stage) => void (await stage.say(call('search_web', { query: 'how to brew green tea' }), /https:\/\/tea\.example/)),
  },
  {
    title: 'remember, recall and forget keep facts',
    run: async (stage) => {
      await stage.say(call('remember', { text: 'The office drinks green tea.' }), /1/);
      await stage.say(call('recall', { query: 'green tea' }), /green tea/);
      await stage.say('/memory', /green tea/);
      await stage.say(call('forget', { number: 1 }), /1/);
    },
  },
  {
    title: 'links are saved and found again; so is what was said',
    run: async (stage) => {
      await stage.say('https://tea.example/kinds', /./);
      await stage.say(call('save_link', { url: 'https://tea.example/pots', note: 'pots for the office' }), /./);
      await stage.say(call('search_links', { query: 'pots' }), /tea\.example\/pots/);
      await stage.say(call('search_history', { query: 'brew' }), /green tea/);
    },
  },
  {
    title: 'notion_scout answers from the Notion database of a project',
    run: async (stage) => {
      await prints(stage, ['scout', '--list-projects'], new RegExp(PROJECT.name));
      await prints(stage, ['scout', '--project', PROJECT.alias, 'What tasks are ready for dev?'], /Order a new kettle/);
    },
  },
  {
    title: 'an agent of your own reads its skill',
    run: async (stage) => {
      await prints(stage, ['agent', 'list'], /tea_taster/);
      await prints(stage, ['agent', 'run', 'tea_taster', call('read_skill', { name: 'brewing' })], /two minutes/);
    },
  },
  {
    title: 'a tool of an MCP server acts once a person has approved the call',
    run: async (stage) => {
      await prints(stage, ['mcp', 'list'], /kitchen/);
      await approved(stage, call('mcp__kitchen__boil', { cups: 2 }), /Promise #\d+ is kept[\s\S]*2 cups/);
    },
  },
  {
    title: 'delegate_coding_task lets a coding agent change the project, once a person has approved that',
    run: async (stage) => {
      await approved(stage, call('delegate_coding_task', { task: 'Write a menu.' }), /Promise #\d+ is kept[\s\S]*menu\.md/);
      const menu = join(stage.site.project, 'menu.md');
      if (!existsSync(menu) || !readFileSync(menu, 'utf8').includes('tea')) throw new StepError('the coding agent wrote no menu.md');
    },
  },
];
