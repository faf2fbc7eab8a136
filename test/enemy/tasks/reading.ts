import { anna, ben, gus } from '../house.ts';
import { telling } from '../sensible-model.ts';
import { says } from '../stories.ts';
import type { Task } from '../task.ts';
import { all, promised, told } from './ends.ts';

const delivery = { title: 'Delivery of trains', url: 'https://trains.example/delivery', snippet: 'Trains are delivered within 3 days.' };
const prices = { title: 'Prices', url: 'https://trains.example/prices', snippet: 'A green train costs 80.' };
const web = { web: [delivery, prices] };

const task = (kind: Task['kind'], id: string, rest: Omit<Task, 'id' | 'kind' | 'approval'> & Partial<Pick<Task, 'approval'>>): Task => ({
  id,
  kind,
  approval: 'needless',
  ...rest,
});

const searching: readonly Task[] = [
  task('search', 'answers from the web', {
    fixtures: web,
    plans: [{ on: /how long/i, calls: [[['search_web', { query: 'toy train delivery time' }]]], answer: telling }],
    acts: [says(ben, 'shop', 'How long do other shops take to deliver?')],
    lacks: told('shop', 'within 3 days'),
  }),
  task('search', 'searches twice', {
    fixtures: web,
    plans: [
      {
        on: /compare/i,
        calls: [
          [['search_web', { query: 'toy train delivery time' }]],
          [['search_web', { query: 'price of green toy trains', max_results: 3 }]],
        ],
        answer: telling,
      },
    ],
    acts: [says(ben, 'shop', 'Please compare delivery and prices of our competitors.')],
    lacks: told('shop', 'within 3 days', 'costs 80'),
  }),
  task('search', 'searches for news in a direct chat', {
    fixtures: web,
    plans: [{ on: /news/i, calls: [[['search_web', { query: 'train toys news', since: 'week' }]]], answer: telling }],
    acts: [says(anna, 'anna', 'Any news about toy trains?')],
    lacks: told('anna', 'trains.example'),
  }),
  task('search', 'searches at one host', {
    fixtures: web,
    plans: [{ on: /their page/i, calls: [[['search_web', { query: 'delivery', hosts: ['trains.example'] }]]], answer: telling }],
    acts: [says(ben, 'shop', 'What does trains.example say of delivery on their page?')],
    lacks: told('shop', 'within 3 days'),
  }),
  task('search', 'searches for a guest', {
    fixtures: web,
    plans: [{ on: /opening/i, calls: [[['search_web', { query: 'opening hours of toy shops' }]]], answer: telling }],
    acts: [says(gus, 'shop', 'What are usual opening hours?')],
    lacks: told('shop', 'trains.example'),
  }),
  task('search', 'goes on talking after a search', {
    fixtures: web,
    plans: [
      { on: /how long/i, calls: [[['search_web', { query: 'toy train delivery time' }]]], answer: telling },
      { on: /and prices/i, calls: [[['search_web', { query: 'toy train prices abroad' }]]], answer: telling },
    ],
    acts: [says(ben, 'shop', 'How long do other shops take to deliver?'), says(anna, 'shop', 'And prices?')],
    lacks: told('shop', 'costs 80'),
  }),
  task('search', 'searches in the background', {
    fixtures: web,
    plans: [
      { on: /background/i, calls: [[['make_promise', { description: 'Find out what green trains cost.' }]]], answer: 'I am on it.' },
      {
        on: /find out/i,
        calls: [[['search_web', { query: 'green toy train cost' }]], [['search_web', { query: 'cheap green toy trains' }]]],
        answer: telling,
      },
    ],
    acts: [says(ben, 'shop', 'Find out in the background what green trains cost.')],
    lacks: all(told('shop', 'costs 80'), promised('completed', 1)),
  }),
];

const files: readonly Task[] = [
  task('files', 'reads a file', {
    plans: [{ on: /price/i, calls: [[['read_file', { path: 'prices.md' }]]], answer: telling }],
    acts: [says(ben, 'shop', 'What is the price of the blue train?')],
    lacks: told('shop', 'Blue train: 40'),
  }),
  task('files', 'lists files, and reads one', {
    plans: [{ on: /files/i, calls: [[['list_files', {}]], [['read_file', { path: 'README.md' }]]], answer: telling }],
    acts: [says(ben, 'shop', 'Which files do we have, and what is in the first one?')],
    lacks: told('shop', 'prices.md', 'We sell trains'),
  }),
  task('files', 'searches in files', {
    plans: [{ on: /where/i, calls: [[['search_files', { pattern: 'train' }]]], answer: telling }],
    acts: [says(ben, 'shop', 'Where do we write about trains?')],
    lacks: told('shop', 'README.md'),
  }),
  task('files', 'reads two files at once', {
    plans: [
      {
        on: /both/i,
        calls: [
          [
            ['read_file', { path: 'README.md' }],
            ['read_file', { path: 'prices.md' }],
          ],
        ],
        answer: telling,
      },
    ],
    acts: [says(anna, 'shop', 'Sum up both papers, please.')],
    lacks: told('shop', 'We sell trains', 'Red train: 60'),
  }),
  task('files', 'says that a file is not there', {
    plans: [{ on: /returns/i, calls: [[['read_file', { path: 'returns.md' }]]], answer: 'There is no paper on returns.' }],
    acts: [says(ben, 'shop', 'What do we say of returns?')],
    lacks: told('shop', 'no paper on returns'),
  }),
  task('files', 'reads a file for a guest', {
    plans: [{ on: /sell/i, calls: [[['read_file', { path: 'README.md' }]]], answer: telling }],
    acts: [says(gus, 'shop', 'What do you sell?')],
    lacks: told('shop', 'We sell trains'),
  }),
  task('files', 'reads what somebody sends', {
    fixtures: { files: { 'shop/inbox/offer.txt': 'We offer 100 wheels for 20.' } },
    plans: [{ on: /offer/i, calls: [[['read_file', { path: 'inbox/offer.txt' }]]], answer: telling }],
    acts: [
      {
        does: (world) =>
          world.say(anna, 'shop', 'Is this offer good?', {
            attachments: [{ messageId: world.nextId(), kind: 'document', fileName: 'offer.txt' }],
          }),
      },
    ],
    lacks: told('shop', '100 wheels'),
  }),
  task('files', 'reads files in the background', {
    plans: [
      { on: /background/i, calls: [[['make_promise', { description: 'Check all papers.' }]]], answer: 'I am on it.' },
      {
        on: /check all/i,
        calls: [[['list_files', {}]], [['read_file', { path: 'prices.md' }]], [['read_file', { path: 'README.md' }]]],
        answer: telling,
      },
    ],
    acts: [says(ben, 'shop', 'Check all papers in the background.')],
    lacks: all(told('shop', 'Blue train: 40'), promised('completed', 1)),
  }),
];

const notionPages = { notion: [{ title: 'Roadmap', markdown: 'In May we ship green trains.' }] };
const notion: readonly Task[] = [
  task('Notion', 'lists entries', {
    fixtures: notionPages,
    plans: [{ on: /tasks/i, calls: [[['query_notion', {}]]], answer: telling }],
    acts: [says(ben, 'shop', 'Which tasks are open?')],
    lacks: told('shop', 'Roadmap'),
  }),
  task('Notion', 'reads a page', {
    fixtures: notionPages,
    plans: [{ on: /roadmap/i, calls: [[['query_notion', {}]], [['read_notion_page', { page: 'roadmap' }]]], answer: telling }],
    acts: [says(anna, 'shop', 'What is on the roadmap?')],
    lacks: told('shop', 'In May'),
  }),
  task('Notion', 'compares a page with a file', {
    fixtures: notionPages,
    plans: [{ on: /fit/i, calls: [[['read_notion_page', { page: 'roadmap' }]], [['read_file', { path: 'prices.md' }]]], answer: telling }],
    acts: [says(anna, 'shop', 'Do roadmap and prices fit?')],
    lacks: told('shop', 'In May', 'Blue train'),
  }),
  task('Notion', 'reads a page in the background', {
    fixtures: notionPages,
    plans: [
      { on: /background/i, calls: [[['make_promise', { description: 'Sum up the roadmap.' }]]], answer: 'I am on it.' },
      { on: /sum up/i, calls: [[['read_notion_page', { page: 'roadmap' }]]], answer: telling },
    ],
    acts: [says(ben, 'shop', 'Please look at the roadmap in the background.')],
    lacks: all(told('shop', 'In May'), promised('completed', 1)),
  }),
  task('Notion', 'answers a guest', {
    fixtures: notionPages,
    plans: [{ on: /when/i, calls: [[['read_notion_page', { page: 'roadmap' }]]], answer: telling }],
    acts: [says(gus, 'shop', 'When do green trains come?')],
    lacks: told('shop', 'In May'),
  }),
];

/** Work that only reads. */
export const READING: readonly Task[] = [...searching, ...files, ...notion];
