import { anna, ben } from '../house.ts';
import { type PlannedCall, telling } from '../sensible-model.ts';
import { HOUR, passes, says, taps } from '../stories.ts';
import type { Task } from '../task.ts';
import { all, done, promised, told } from './ends.ts';

const task = (kind: Task['kind'], id: string, approval: Task['approval'], rest: Omit<Task, 'id' | 'kind' | 'approval'>): Task => ({
  id,
  kind,
  approval,
  ...rest,
});

const lookup: PlannedCall = ['mcp__shop__lookup', { q: 'order 7' }];
const note = (text: string): PlannedCall => ['mcp__shop__note', { text }];
const later = (description: string) => ({ on: /please/i, calls: [[['make_promise', { description }] as const]], answer: 'I am on it.' });

const safe: readonly Task[] = [
  task('safe tools', 'looks something up', 'needless', {
    plans: [later('Order 7?'), { on: /order 7/i, calls: [[lookup]], answer: telling }],
    acts: [says(ben, 'shop', 'Where is the parcel, please?')],
    lacks: all(told('shop', 'on its way'), promised('completed', 1)),
  }),
  task('safe tools', 'looks something up in a direct chat', 'needless', {
    plans: [later('Order 7?'), { on: /order 7/i, calls: [[lookup]], answer: telling }],
    acts: [says(anna, 'anna', 'Where is the parcel, please?')],
    lacks: all(told('anna', 'on its way'), promised('completed', 1)),
  }),
  task('safe tools', 'looks something up, and notes it', 'needless', {
    plans: [later('Order 7?'), { on: /order 7/i, calls: [[lookup], [note('asked about')]], answer: telling }],
    acts: [says(ben, 'shop', 'Where is the parcel, please, and note that I asked.')],
    lacks: all(done('note'), promised('completed', 1)),
  }),
  task('safe tools', 'notes something', 'needless', {
    plans: [later('Note it.'), { on: /note it/i, calls: [[note('fragile')]], answer: telling }],
    acts: [says(ben, 'shop', 'Please note that order 7 is fragile.')],
    lacks: all(done('note'), promised('completed', 1)),
  }),
  task('safe tools', 'looks several things up', 'needless', {
    plans: [
      later('Orders?'),
      {
        on: /orders/i,
        calls: [[lookup, ['mcp__shop__lookup', { q: 'order 8' }]], [['mcp__shop__lookup', { q: 'order 9' }]]],
        answer: telling,
      },
    ],
    acts: [says(ben, 'shop', 'Where are all parcels, please?')],
    lacks: all(done('lookup', 3), promised('completed', 1)),
  }),
  task('safe tools', 'looks something up every hour', 'needless', {
    plans: [
      { on: /every hour/i, calls: [[['schedule_promise', { description: 'Order 7?', cron: '0 * * * *' }]]], answer: 'I will.' },
      { on: /order 7/i, calls: [[lookup]], answer: telling },
    ],
    acts: [says(ben, 'shop', 'Watch that parcel every hour.'), passes(2 * HOUR)],
    lacks: all(done('lookup', 2), promised('completed', 2)),
  }),
];

const pay: PlannedCall = ['mcp__shop__pay', { to: 'carrier', amount: 12 }];
const acting: readonly Task[] = [
  task('acting tools', 'pays once the owner has approved', 'wanted', {
    plans: [{ on: /pay/i, calls: [[pay]], answer: 'It waits for your yes.' }],
    acts: [says(ben, 'shop', 'Pay 12 to the carrier.'), says(anna, 'shop', '/approve 1')],
    lacks: done('pay'),
  }),
  task('acting tools', 'pays by a tap of the owner', 'wanted', {
    plans: [{ on: /pay/i, calls: [[pay]], answer: 'It waits for your yes.' }],
    acts: [says(ben, 'shop', 'Pay 12 to the carrier.'), taps(() => ({}))],
    lacks: done('pay'),
  }),
  task('acting tools', 'does not pay what the owner denies', 'wanted', {
    plans: [{ on: /pay/i, calls: [[pay]], answer: 'It waits for your yes.' }],
    acts: [says(ben, 'shop', 'Pay 12 to the carrier.'), says(anna, 'shop', '/deny 1'), passes(HOUR)],
    lacks: done('pay', 0),
  }),
  task('acting tools', 'pays after a restart', 'wanted', {
    plans: [{ on: /pay/i, calls: [[pay]], answer: 'It waits for your yes.' }],
    acts: [says(anna, 'shop', 'Pay 12 to the carrier.'), { restarts: true }, says(anna, 'shop', '/approve 1')],
    lacks: done('pay'),
  }),
  task('acting tools', 'mails in the background once approved', 'wanted', {
    plans: [
      later('Thank the carrier.'),
      {
        on: /thank/i,
        calls: [[lookup], [['mcp__shop__send_mail', { to: 'c@carrier.example', subject: 'Thanks', body: 'Thank you!' }]]],
        answer: telling,
      },
    ],
    acts: [says(ben, 'shop', 'Thank the carrier, please.'), says(anna, 'shop', '/approve 1'), passes(HOUR)],
    lacks: all(done('send_mail'), promised('completed', 1)),
  }),
  task('acting tools', 'books in a direct chat once approved', 'wanted', {
    plans: [{ on: /book/i, calls: [[['mcp__shop__book', { what: 'train to Oslo', price: 90 }]]], answer: 'It waits for your yes.' }],
    acts: [says(anna, 'anna', 'Book me a train to Oslo.'), says(anna, 'anna', '/approve 1')],
    lacks: done('book'),
  }),
  task('acting tools', 'goes on after a denial', 'wanted', {
    plans: [
      later('Order 7: tell the carrier.'),
      {
        on: /tell the carrier/i,
        calls: [[['mcp__shop__send_mail', { to: 'c@carrier.example', subject: 'Late', body: 'Where is it?' }]], [lookup]],
        answer: telling,
      },
    ],
    acts: [says(ben, 'shop', 'Complain to the carrier, please.'), says(anna, 'shop', '/deny 1'), passes(HOUR)],
    lacks: all(done('send_mail', 0), done('lookup'), told('shop', 'on its way')),
  }),
];

const web = [{ title: 'Wheels', url: 'https://wheels.example', snippet: 'Wheels are round.' }];
const research: readonly Task[] = [
  task('research', 'searches, then reads a file', 'needless', {
    fixtures: { web },
    plans: [
      {
        on: /wheels/i,
        calls: [[['search_web', { query: 'wheels of toy trains' }]], [['read_file', { path: 'prices.md' }]]],
        answer: telling,
      },
    ],
    acts: [says(ben, 'shop', 'How do our wheels compare?')],
    lacks: told('shop', 'Wheels are round', 'Blue train'),
  }),
  task('research', 'reads a file, then searches in the words of the person', 'needless', {
    fixtures: { web },
    plans: [
      { on: /wheels/i, calls: [[['read_file', { path: 'prices.md' }]], [['search_web', { query: 'round wheels' }]]], answer: telling },
    ],
    acts: [says(ben, 'shop', 'Read our prices, and find out about round wheels.')],
    lacks: told('shop', 'Wheels are round', 'Blue train'),
  }),
  task('research', 'searches, then remembers what the person says', 'needless', {
    fixtures: { web },
    plans: [
      {
        on: /wheels/i,
        calls: [[['search_web', { query: 'wheels of toy trains' }]], [['remember', { text: 'We sell round wheels.' }]]],
        answer: telling,
      },
    ],
    acts: [says(ben, 'shop', 'Check wheels, and remember that we sell round wheels.')],
    lacks: told('shop', 'Wheels are round'),
  }),
  task('research', 'works through pages, files and Notion in the background', 'needless', {
    fixtures: { web },
    plans: [
      later('Compare all.'),
      {
        on: /compare all/i,
        calls: [
          [['search_web', { query: 'toy wheels' }]],
          [['search_web', { query: 'toy rails' }]],
          [['read_file', { path: 'prices.md' }]],
          [['query_notion', {}]],
        ],
        answer: telling,
      },
    ],
    acts: [says(ben, 'shop', 'Compare everything, please.')],
    lacks: all(told('shop', 'Wheels are round', 'Blue train', 'Margins'), promised('completed', 1)),
  }),
  task('research', 'reads a file, then searches in words of its own', 'needless', {
    fixtures: { web },
    plans: [
      {
        on: /competitors/i,
        calls: [[['read_file', { path: 'prices.md' }]], [['search_web', { query: 'cost of blue and red toy trains elsewhere' }]]],
        answer: telling,
      },
    ],
    acts: [says(ben, 'shop', 'Are our competitors cheaper?')],
    lacks: told('shop', 'Wheels are round'),
  }),
  task('research', 'asks Notion, then searches', 'needless', {
    fixtures: { web },
    plans: [
      later('Which task is hard?'),
      { on: /hard/i, calls: [[['query_notion', {}]], [['search_web', { query: 'how to compute margins' }]]], answer: telling },
    ],
    acts: [says(ben, 'shop', 'Find out what helps with our tasks, please.')],
    lacks: all(told('shop', 'Wheels are round'), promised('completed', 1)),
  }),
  task('research', 'searches, then looks up an order', 'needless', {
    fixtures: { web },
    plans: [later('Order 7 and wheels?'), { on: /order 7/i, calls: [[['search_web', { query: 'wheels' }]], [lookup]], answer: telling }],
    acts: [says(ben, 'shop', 'Are the wheels on order fine, please?')],
    lacks: all(done('lookup'), promised('completed', 1)),
  }),
  task('research', 'goes on over several turns', 'needless', {
    fixtures: { web },
    plans: [
      { on: /first/i, calls: [[['search_web', { query: 'toy wheels' }]]], answer: telling },
      { on: /second/i, calls: [[['read_file', { path: 'prices.md' }]]], answer: telling },
      { on: /third/i, calls: [[['query_notion', {}]]], answer: telling },
    ],
    acts: [says(ben, 'shop', 'First, wheels.'), says(ben, 'shop', 'Second, prices.'), says(ben, 'shop', 'Third, tasks.')],
    lacks: told('shop', 'Wheels are round', 'Blue train', 'Margins'),
  }),
];

/** Work with tools that act, and with many tools. */
export const ACTING: readonly Task[] = [...safe, ...acting, ...research];
