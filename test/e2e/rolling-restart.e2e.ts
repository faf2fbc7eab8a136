import { strict as assert } from 'node:assert';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type ApiPromise, until } from '../support/chat-api.ts';
import { type ComposeService, composeFile, keptServices } from '../support/compose-file.ts';
import { type KeptProcess, startKept } from '../support/kept-process.ts';
import { freshDatabase } from '../support/postgres.ts';
import { addCrowd } from '../support/telegram-crowd.ts';
import { BOT, makeTelegramSite, type TelegramSite } from '../support/telegram-site.ts';

// Set by the environment for longer runs, as `npm run soak:rolling` does.
const ROUNDS = Number(process.env.KEPT_TEST_ROUNDS ?? 1);
const PER_SECOND = Number(process.env.KEPT_TEST_MESSAGES_PER_SECOND ?? 2);
/** One message of so many asks for work in the background. */
const PROMISE_EACH = 5;
/** A chat is sent a message a second at the most: there are enough of them for all answers. */
const PEOPLE = 6;
const IS_OUTCOME = /^Promise #\d+ is kept/;
const TASK = 'in the background, count the TODO comments in this project';

describe('The services of the compose file, replaced one after the other', function () {
  this.timeout(120_000 + ROUNDS * 60_000);
  let site: TelegramSite;
  let people: readonly number[];
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  const running = new Map<string, KeptProcess>();
  const token = randomBytes(16).toString('hex');

  before(async () => {
    database = await freshDatabase();
    site = await makeTelegramSite();
    people = (await addCrowd(site, { people: PEOPLE, supergroups: 0 })).people;
    mkdirSync(join(site.root, 'secrets'));
  });
  after(async () => {
    for (const kept of running.values()) await kept.stop();
    await site?.remove();
    await database?.drop();
  });

  /** What Docker gives a service, as a process on loopback: its secrets as files, and a data directory of its own. */
  const environmentOf = ({ environment = {} }: ComposeService, instance: string): NodeJS.ProcessEnv => {
    const { TELEGRAM_BOT_TOKEN: bot, TELEGRAM_API_HASH: hash, ...others } = site.env;
    const secrets: Readonly<Record<string, string | undefined>> = {
      database_url: database.url,
      anthropic_api_key: `made-up-${token}`,
      telegram_bot_token: bot,
      telegram_api_hash: hash,
      kept_api_token: token,
    };
    const given = Object.entries(environment).map(([name, value]) => {
      if (!name.endsWith('_FILE')) return [name, value];
      const secret = secrets[basename(value)] ?? assert.fail(`no secret ${value}`);
      const path = join(site.root, 'secrets', basename(value));
      writeFileSync(path, `${secret}\n`, { mode: 0o600 });
      return [name, path];
    });
    return {
      ...others,
      ...Object.fromEntries(given),
      HOST: '127.0.0.1',
      ...(environment.KEPT_METRICS_PORT === undefined ? {} : { KEPT_METRICS_PORT: '0' }),
      KEPT_DATA_DIR: join(site.root, instance),
      ENVIRONMENT: 'production',
      KEPT_MODELS: 'rehearsal',
      KEPT_PERSON_MESSAGES_PER_MINUTE: '10000',
    };
  };

  const instances = keptServices(composeFile()).flatMap(({ name, role, count, service }) =>
    Array.from({ length: count }, (_, i) => ({ instance: `${name}-${i + 1}`, role, service })),
  );
  const start = async ({ instance, role, service }: (typeof instances)[number]): Promise<void> => {
    running.set(instance, await startKept({ ...site, env: environmentOf(service, instance) }, role));
  };
  const asked = async <T>(path: string): Promise<T> => {
    const { url } = [...running.values()].find((kept) => kept.url !== '') ?? assert.fail('no bot runs');
    const response = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } });
    return (await response.json()) as T;
  };

  it(`lose no message and no promise, and repeat none: ${ROUNDS} × each, ${PER_SECOND} messages a second`, async () => {
    for (const each of instances) await start(each);
    const { world } = site.server;
    const sent: { readonly id: number; readonly from: number; readonly isTask: boolean }[] = [];
    const timer = setInterval(() => {
      const from = people[sent.length % PEOPLE] ?? assert.fail('nobody writes');
      const isTask = sent.length % PROMISE_EACH === 0;
      const text = isTask ? `${TASK} (run ${sent.length})` : `please remember the word pebble-${sent.length}`;
      sent.push({ id: world.messageId(world.sendMessage({ from, chat: BOT, text }), BOT), from, isTask });
    }, 1_000 / PER_SECOND);
    try {
      await until('the first answer', async () => site.server.sent.items.length > 0);
      for (let round = 0; round < ROUNDS; round++)
        for (const each of instances) {
          const old = running.get(each.instance);
          await old?.stop();
          assert.equal(old?.child.exitCode, 0, `${each.instance} ended with ${old?.child.exitCode}: ${old?.errors()}`);
          running.delete(each.instance);
          await start(each);
          await wait(500);
        }
    } finally {
      clearInterval(timer);
    }

    const repliesTo = (person: number) =>
      site.server.sent.items.filter(({ chat, replyTo }) => chat === person && replyTo !== undefined).map(({ replyTo }) => Number(replyTo));
    for (const person of people) {
      const own = sent.filter(({ from }) => from === person);
      await until('an answer to every message', async () => own.every(({ id }) => repliesTo(person).some((reply) => reply >= id)), 90_000);
    }
    const tasks = sent.filter(({ isTask }) => isTask).length;
    const promises = await until(
      'every promise kept',
      async () => {
        const { promises: all } = await asked<{ promises: readonly ApiPromise[] }>('/api/promises?limit=1000');
        return all.length >= tasks && all.every(({ deliveredAt }) => deliveredAt !== undefined) && all;
      },
      90_000,
    );
    assert.deepEqual([promises.length, new Set(promises.map(({ status }) => status))], [tasks, new Set(['completed'])]);
    for (const person of people) {
      const replies = site.server.sent.items.filter(
        ({ chat, replyTo, text }) => chat === person && replyTo !== undefined && !IS_OUTCOME.test(text),
      );
      const answered = replies.map(({ replyTo }) => Number(replyTo));
      assert.deepEqual(
        answered,
        [...new Set(answered)].toSorted((a, b) => a - b),
        'each message is answered once, in order',
      );
    }
    const outcomes = site.server.sent.items.filter(({ text }) => IS_OUTCOME.test(text));
    const numbers = outcomes.map(({ text }) => /^Promise #(\d+)/.exec(text)?.[1]);
    assert.equal(numbers.length, new Set(numbers).size, `an outcome was sent twice: ${numbers.join(', ')}`);
    assert.equal(numbers.length, tasks);
    site.server.assertClean();
    for (const [instance, kept] of running) assert.equal(kept.errors(), '', instance);
    console.log(`      ${JSON.stringify({ sent: sent.length, replaced: ROUNDS * instances.length, promises: tasks })}`);
  });
});
