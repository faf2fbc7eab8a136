import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { openSqliteStorage, type SqliteStorage } from '../../src/adapters/sqlite/storage.ts';
import { telegramChat, telegramMessage } from '../../src/testing/index.ts';
import { until } from '../support/chat-api.ts';
import { KEPT, type KeptProcess, startKept } from '../support/kept-process.ts';
import { MESSAGE_RULES, mention, NEWS, TELEGRAM_SERVICE } from '../support/telegram-message-rules.ts';
import {
  ADA,
  BOT,
  DEV_GROUP,
  GRACE,
  makeTelegramSite,
  OTHER_BOT,
  TEAM_GROUP,
  type TelegramSite,
  UNMAPPED_GROUP,
} from '../support/telegram-site.ts';

/** Takes a username that another person has given up. */
const IMPOSTOR = 1_005;

describe('Kept on Telegram', function () {
  this.timeout(60_000);
  let site: TelegramSite;
  let kept: KeptProcess;
  let storage: SqliteStorage;

  before(async () => {
    site = await makeTelegramSite({ TELEGRAM_OPERATOR_CHAT: `${UNMAPPED_GROUP}` });
    site.server.world.addUser({ id: TELEGRAM_SERVICE, firstName: 'Telegram' });
    site.server.world.addSupergroup({ id: -NEWS - 1_000_000_000_000, title: 'News', members: [ADA] });
    kept = await startKept(site, 'start');
    storage = await openSqliteStorage({ path: site.database });
  });
  after(async () => {
    await storage?.close();
    await kept?.stop();
    await site?.remove();
  });
  afterEach(() => site.server.assertClean());

  it('pings itself at the start, in the operator’s chat, and leaves nothing there', async () => {
    const { sent, calls, world } = site.server;
    assert.deepEqual(
      sent.items.map(({ chat, text }) => [chat, text.split(' ')[0]]),
      [
        [UNMAPPED_GROUP, 'ping'],
        [UNMAPPED_GROUP, 'pong'],
      ],
    );
    assert.equal(kept.started.selfPing?.telegram?.detail, 'from message to delivered answer, which was deleted again');
    await calls.until(({ method, outcome }) => method === 'messages.deleteMessages' && outcome === 'ok');
    assert.deepEqual(world.history(BOT, UNMAPPED_GROUP), []);
  });

  it('pings itself again when asked to, and says how long it took', async () => {
    const asked = promisify(execFile)(process.execPath, [KEPT, 'health', '--ping'], { cwd: site.root, env: site.env });
    const { stdout } = await asked;
    assert.match(stdout, /^self-ping +ok, \d+ ms from message to delivered answer\n {2}on Telegram +ok, \d+ ms from message/);
    assert.equal(site.server.sent.items.filter(({ chat }) => chat === UNMAPPED_GROUP).length, 4);
  });

  /** By the time that this is answered, answers to all earlier messages are sent or on their way. */
  const answersGrace = async (text: string): Promise<void> => {
    const { world, sent } = site.server;
    const id = world.messageId(world.sendMessage({ from: GRACE, chat: BOT, text }), BOT);
    await sent.until(({ chat, replyTo }) => chat === GRACE && replyTo === id);
  };
  const verdictOn = (chat: number, id: number) =>
    until('a verdict', async () => {
      const found = await storage.stores.messages.get(telegramChat(chat), telegramMessage(id));
      return found?.verdict && found;
    });

  for (const { rule, chat, act, fate, by } of MESSAGE_RULES)
    it(`rule ${rule}`, async () => {
      const { world, sent } = site.server;
      const earlier = () => {
        const ours = sent.items.findLast((item) => item.chat === TEAM_GROUP);
        assert.ok(ours, 'the bot has said something in the group before');
        return ours.message;
      };
      const id = world.messageId(act(world, earlier), BOT);
      const record = await verdictOn(chat, id);
      assert.equal(record.verdict?.kind, fate);
      assert.equal(record.response?.rule ?? record.access.rule, by);
      assert.ok(!record.message.text.toLowerCase().includes('@kept_bot'), 'our mention is stripped');
      const isReply = (item: { chat: number; replyTo?: number }) => item.chat === chat && item.replyTo === id;
      if (fate === 'answered') await sent.until(isReply);
      else {
        await answersGrace('and now something else');
        assert.ok(!sent.items.some(isReply));
      }
    });

  it('kept explain says why an anonymous admin got no answer', async () => {
    const { world, sent } = site.server;
    const id = world.messageId(world.sendMessage({ from: ADA, inNameOf: TEAM_GROUP, chat: TEAM_GROUP, text: 'and now' }), BOT);
    await verdictOn(TEAM_GROUP, id);
    const asked = promisify(execFile)(process.execPath, [KEPT, 'explain', `${id}`, '--chat', telegramChat(TEAM_GROUP)], {
      cwd: site.root,
      env: site.env,
    });
    const { stdout } = await asked;
    assert.match(
      stdout,
      /from an anonymous admin, .*\nAccess: denied by rule anonymous-sender, set at \(built in\)\.\nVerdict: denied\.\n$/,
    );
    assert.ok(!sent.items.some(({ chat, replyTo }) => chat === TEAM_GROUP && replyTo === id));
  });

  it('rule 1: answers no other bot', async () => {
    const { world, sent } = site.server;
    const said = world.sendMessage({ from: OTHER_BOT, chat: DEV_GROUP, text: 'beep' });
    await answersGrace('did anybody hear that');
    assert.ok(!sent.items.some(({ message }) => message.replyTo === said));
  });

  for (const [where, chat] of [
    ['person', ADA],
    ['group', DEV_GROUP],
  ] as const)
    it(`brings the result of a promise to the ${where} that asked`, async () => {
      const { world, sent } = site.server;
      const text = 'in the background, count the TODO comments in this project';
      world.sendMessage({ from: ADA, chat: chat === ADA ? BOT : chat, text });
      const answer = await sent.until((item) => item.chat === chat && /^Promise #\d+:/.test(item.text));
      const result = await sent.until((item) => item.chat === chat && /^Promise #\d+ is kept/.test(item.text));
      assert.match(result.text, /\b3\b/);
      assert.equal(answer.replyTo, result.replyTo);
    });

  it('rule 2: does not answer again when an answered message is edited', async () => {
    const { world, sent } = site.server;
    const message = world.sendMessage({ from: GRACE, chat: BOT, text: 'the first wording' });
    const id = world.messageId(message, BOT);
    await sent.until(({ chat, replyTo }) => chat === GRACE && replyTo === id);
    world.editMessage(message, 'the second wording');
    const next = world.messageId(world.sendMessage({ from: GRACE, chat: BOT, text: 'and another thing' }), BOT);
    await sent.until(({ chat, replyTo }) => chat === GRACE && replyTo === next);
    assert.equal(sent.items.filter(({ chat, replyTo }) => chat === GRACE && replyTo === id).length, 1);
  });

  it('rule 4: denies a pinned username that comes from another id', async () => {
    const { world, sent } = site.server;
    world.rename(ADA, { username: 'ada_moved' });
    world.addUser({ id: IMPOSTOR, username: 'Ada', firstName: 'Ada' });
    const id = world.messageId(world.sendMessage({ from: IMPOSTOR, chat: BOT, text: 'it is me, Ada' }), BOT);
    const record = await verdictOn(IMPOSTOR, id);
    await answersGrace('was that Ada');
    assert.equal(record.access.rule, 'username-pinned-elsewhere');
    assert.ok(!sent.items.some(({ chat }) => chat === IMPOSTOR));
  });

  it('rule 5: answers a reply to one of its own messages, however old, even if Telegram does not mark it', async () => {
    const { world, sent } = site.server;
    const ours = sent.items.find((item) => item.chat === TEAM_GROUP)?.message;
    assert.ok(ours);
    await kept.stop();
    const state = storage.state('telegram');
    await state.set(new Map([...(await state.list('sent:')).keys()].map((key) => [key, undefined])));
    kept = await startKept(site, 'start');
    const id = world.messageId(
      world.sendMessage({ from: GRACE, chat: TEAM_GROUP, text: 'about that', replyTo: ours, mentioned: false }),
      BOT,
    );
    await sent.until(({ chat, replyTo }) => chat === TEAM_GROUP && replyTo === id);
    assert.equal((await verdictOn(TEAM_GROUP, id)).response?.rule, 'addressed-to-us');
  });

  it('rule 3: serves only the groups that TELEGRAM_ALLOWED_GROUPS names, if it is set', async () => {
    const { world, sent } = site.server;
    await kept.stop();
    kept = await startKept({ ...site, env: { ...site.env, TELEGRAM_ALLOWED_GROUPS: 'acme dev' } }, 'start');
    const say = (chat: number, text: string) => world.messageId(world.sendMessage({ from: ADA, chat, ...mention(text, '@kept_bot') }), BOT);
    const denied = say(TEAM_GROUP, '@kept_bot are you there');
    assert.equal((await verdictOn(TEAM_GROUP, denied)).access.rule, 'group-not-allowed');
    const answered = say(DEV_GROUP, '@kept_bot and here');
    await sent.until(({ chat, replyTo }) => chat === DEV_GROUP && replyTo === answered);
    assert.ok(!sent.items.some(({ chat, replyTo }) => chat === TEAM_GROUP && replyTo === denied));
  });
});
