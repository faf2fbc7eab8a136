import { anna, ben } from '../house.ts';
import { telling } from '../sensible-model.ts';
import { HOUR, passes, says } from '../stories.ts';
import type { Task } from '../task.ts';
import { all, coded, promised, told } from './ends.ts';

const task = (kind: Task['kind'], id: string, rest: Omit<Task, 'id' | 'kind' | 'approval'> & Partial<Pick<Task, 'approval'>>): Task => ({
  id,
  kind,
  approval: 'needless',
  ...rest,
});
const count = { on: /count/i, calls: [[['read_file', { path: 'prices.md' }] as const]], answer: 'There are two trains.' };

const promises: readonly Task[] = [
  task('promises', 'makes several', {
    plans: [
      {
        on: /both/i,
        calls: [
          [
            ['make_promise', { description: 'Count blue ones.' }],
            ['make_promise', { description: 'Count red ones.' }],
          ],
        ],
        answer: 'I am on it.',
      },
      count,
    ],
    acts: [says(ben, 'shop', 'Do both in the background.')],
    lacks: all(promised('completed', 2), told('shop', 'two trains')),
  }),
  task('promises', 'makes one that builds on another', {
    plans: [
      {
        on: /then/i,
        calls: [[['make_promise', { description: 'Count them.' }]], [['make_promise', { description: 'Write it up.', depends_on: [1] }]]],
        answer: 'I am on it.',
      },
      count,
      { on: /write it up/i, answer: 'It is a short list: two trains.' },
    ],
    acts: [says(ben, 'shop', 'Look at the stock, then write it up.')],
    lacks: all(promised('completed', 2), told('shop', 'short list')),
  }),
  task('promises', 'reminds later', {
    plans: [
      { on: /remind me/i, calls: [[['make_promise', { description: 'Reminder: buy milk.', at: 'PT30M' }]]], answer: 'I will.' },
      { on: /reminder/i, answer: 'Buy milk!' },
    ],
    acts: [says(ben, 'ben', 'Remind me in half an hour to buy milk.'), passes(HOUR)],
    lacks: all(promised('completed', 1), told('ben', 'Buy milk!')),
  }),
  task('promises', 'lists them', {
    plans: [
      { on: /tomorrow/i, calls: [[['make_promise', { description: 'Count the stock.', at: 'P1D' }]]], answer: 'I will.' },
      { on: /which/i, calls: [[['list_promises', {}]]], answer: telling },
    ],
    acts: [says(ben, 'shop', 'Look at the stock tomorrow.'), says(anna, 'shop', 'Which promises are there?')],
    lacks: told('shop', 'Count the stock'),
  }),
  task('promises', "cancels one's own", {
    plans: [
      { on: /tomorrow/i, calls: [[['make_promise', { description: 'Count the stock.', at: 'P1D' }]]], answer: 'I will.' },
      { on: /not/i, calls: [[['cancel_promise', { id: 1 }]]], answer: 'It is cancelled.' },
    ],
    acts: [says(ben, 'shop', 'Look at the stock tomorrow.'), says(ben, 'shop', 'Better not.')],
    lacks: promised('cancelled', 1),
  }),
  task('promises', "cancels another member's", {
    plans: [{ on: /tomorrow/i, calls: [[['make_promise', { description: 'Count the stock.', at: 'P1D' }]]], answer: 'I will.' }],
    acts: [says(anna, 'shop', 'Look at the stock tomorrow.'), says(ben, 'shop', '/cancel 1')],
    lacks: promised('cancelled', 1),
  }),
  task('promises', 'goes on after a restart', {
    plans: [{ on: /later/i, calls: [[['make_promise', { description: 'Count the stock.', at: 'PT10M' }]]], answer: 'I will.' }, count],
    acts: [says(ben, 'shop', 'Look at the stock later.'), { restarts: true }, passes(HOUR)],
    lacks: all(promised('completed', 1), told('shop', 'two trains')),
  }),
];

const schedules: readonly Task[] = [
  task('schedules', 'does something every hour', {
    plans: [
      { on: /every hour/i, calls: [[['schedule_promise', { description: 'Count the stock.', cron: '0 * * * *' }]]], answer: 'I will.' },
      count,
    ],
    acts: [says(ben, 'shop', 'Look at the stock every hour.'), passes(3 * HOUR)],
    lacks: all(promised('completed', 3), told('shop', 'two trains')),
  }),
  task('schedules', 'searches every hour', {
    fixtures: { web: [{ title: 'News', url: 'https://news.example', snippet: 'Trains are late.' }] },
    plans: [
      { on: /every hour/i, calls: [[['schedule_promise', { description: 'Bring the news.', cron: '0 * * * *' }]]], answer: 'I will.' },
      { on: /bring the news/i, calls: [[['search_web', { query: 'toy news of today' }]]], answer: telling },
    ],
    acts: [says(ben, 'shop', 'Bring news every hour.'), passes(2 * HOUR)],
    lacks: all(promised('completed', 2), told('shop', 'Trains are late')),
  }),
  task('schedules', 'ends a schedule', {
    plans: [
      { on: /every hour/i, calls: [[['schedule_promise', { description: 'Count the stock.', cron: '0 * * * *' }]]], answer: 'I will.' },
      { on: /stop/i, calls: [[['list_schedules', {}]], [['cancel_schedule', { id: 1 }]]], answer: 'It has ended.' },
      count,
    ],
    acts: [says(ben, 'shop', 'Look at the stock every hour.'), says(ben, 'shop', 'Please stop that.'), passes(2 * HOUR)],
    lacks: all(promised('completed', 0), told('shop', 'It has ended')),
  }),
];

const memory: readonly Task[] = [
  task('memory', 'remembers and recalls', {
    plans: [
      { on: /remember/i, calls: [[['remember', { text: 'The door code of the shop changes each May.' }]]], answer: 'I do.' },
      { on: /what about the door/i, calls: [[['recall', { query: 'door' }]]], answer: telling },
    ],
    acts: [
      says(ben, 'shop', 'Remember that the door code changes each May.'),
      says(anna, 'shop', '/new'),
      says(anna, 'shop', 'What about the door code?'),
    ],
    lacks: told('shop', 'changes each May'),
  }),
  task('memory', 'remembers of a person', {
    plans: [
      { on: /remember/i, calls: [[['remember', { text: 'Anna likes blue trains.', about: 'person' }]]], answer: 'I do.' },
      { on: /what do i/i, calls: [[['recall', {}]]], answer: telling },
    ],
    acts: [says(anna, 'anna', 'Remember that I like blue trains.'), says(anna, 'anna', 'What do I like?')],
    lacks: told('anna', 'likes blue trains'),
  }),
  task('memory', 'forgets', {
    plans: [
      { on: /remember/i, calls: [[['remember', { text: 'Gus comes on Monday.' }]]], answer: 'I do.' },
      { on: /forget/i, calls: [[['forget', { number: 1 }]]], answer: 'It is forgotten.' },
      { on: /who comes/i, calls: [[['recall', {}]]], answer: telling },
    ],
    acts: [says(ben, 'shop', 'Remember that Gus comes on Monday.'), says(ben, 'shop', 'Forget that.'), says(ben, 'shop', 'Who comes?')],
    lacks: told('shop', 'Nothing is remembered'),
  }),
  task('memory', 'keeps a link', {
    plans: [
      { on: /keep/i, calls: [[['save_link', { url: 'https://trains.example/rails', note: 'rails' }]]], answer: 'It is kept.' },
      { on: /rails/i, calls: [[['search_links', { query: 'rails' }]]], answer: telling },
    ],
    acts: [says(ben, 'shop', 'Keep this: https://trains.example/rails'), says(anna, 'shop', 'Where were those rails?')],
    lacks: told('shop', 'https://trains.example/rails'),
  }),
  task('memory', 'finds what was said', {
    plans: [
      { on: /which/i, calls: [[['search_history', { query: 'Zepp' }]]], answer: telling },
      { on: /./, answer: 'I see.' },
    ],
    acts: [says(ben, 'shop', 'The blue one is called Zepp.'), says(anna, 'shop', 'Which one was Zepp?')],
    lacks: told('shop', 'The blue one is called Zepp'),
  }),
];

const edit = (path: string): string => `Tidy up. ⟦edit {"path":"${path}"}⟧`;
const coding: readonly Task[] = [
  task('coding', 'changes code for a member of a dev group', {
    plans: [{ on: /wheels/i, calls: [[['delegate_coding_task', { task: edit('src/train.ts') }]]], answer: 'I am on it.' }],
    acts: [says(ben, 'dev', 'Make it ten wheels.')],
    lacks: all(coded('dev'), promised('completed', 1)),
  }),
  task('coding', 'reads code, then changes it', {
    plans: [
      {
        on: /wheels/i,
        calls: [[['read_file', { path: 'src/train.ts' }]], [['delegate_coding_task', { task: edit('src/train.ts') }]]],
        answer: 'I am on it.',
      },
    ],
    acts: [says(ben, 'dev', 'See how many wheels there are, and make it ten.')],
    lacks: all(coded('dev'), promised('completed', 1)),
  }),
  task('coding', 'changes code twice', {
    plans: [
      { on: /ten/i, calls: [[['delegate_coding_task', { task: edit('src/train.ts') }]]], answer: 'I am on it.' },
      { on: /twelve/i, calls: [[['delegate_coding_task', { task: edit('package.json') }]]], answer: 'I am on it.' },
    ],
    acts: [says(ben, 'dev', 'Make it ten wheels.'), says(anna, 'dev', 'No, twelve.')],
    lacks: all(coded('dev', 2), promised('completed', 2)),
  }),
  task('coding', 'changes code in a direct chat', {
    plans: [{ on: /diary/i, calls: [[['delegate_coding_task', { task: edit('diary.md') }]]], answer: 'I am on it.' }],
    acts: [says(anna, 'anna', 'Tidy up my diary.')],
    lacks: all(coded('home'), promised('completed', 1)),
  }),
];

const commands: readonly Task[] = [
  task('commands', 'says what it can', { plans: [], acts: [says(ben, 'shop', '/help')], lacks: told('shop', '/promises') }),
  task('commands', 'says who somebody is', { plans: [], acts: [says(ben, 'ben', '/whoami')], lacks: told('ben', '502') }),
  task('commands', 'forgets a conversation', {
    plans: [{ on: /./, answer: 'Hello!' }],
    acts: [says(ben, 'shop', 'Hello!'), says(ben, 'shop', '/new'), says(ben, 'shop', 'Hello again!')],
    lacks: told('shop', 'Hello!'),
  }),
];

/** Work that changes only what Kept itself keeps, and code. */
export const DECIDING: readonly Task[] = [...promises, ...schedules, ...memory, ...coding, ...commands];
