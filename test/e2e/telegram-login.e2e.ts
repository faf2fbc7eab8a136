import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { KEPT, startKept } from '../support/kept-process.ts';
import { readQrCode } from '../support/read-qr-code.ts';
import { runKept } from '../support/run-kept.ts';
import { ADA, makeTelegramSite, type TelegramSite } from '../support/telegram-site.ts';
import { CTRL_C, openTerminal } from '../support/terminal.ts';

const PERSON = 1_900;
const PHONE = '+999 662 83921';
const CODE = '83921';
const PASSWORD = 'correct-horse-battery';
const WRONG_CODE = '40404';
const WRONG_PASSWORD = 'wrong-horse-battery';
const TYPED = [CODE, WRONG_CODE, PASSWORD, WRONG_PASSWORD];

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

type Answers = readonly (readonly [RegExp, string])[];

/** Runs `kept login` in a terminal, and types each answer after its question. */
const loginInTerminal = async (site: TelegramSite, answers: Answers): Promise<Ended> => {
  const terminal = openTerminal(site, ['login', '--phone', PHONE]);
  for (const [question, answer] of answers) await terminal.answer(question, answer);
  return { code: await terminal.ended, output: terminal.shown() };
};

/** The same with answers from a pipe. Without answers, its input has ended. */
const login = async (site: TelegramSite, answers: Answers): Promise<Ended> => {
  const words = [KEPT, 'login', '--phone', PHONE];
  const child = spawn(process.execPath, words, { cwd: site.root, env: site.env, timeout: 20_000, killSignal: 'SIGKILL' });
  let output = '';
  let seen = 0;
  const left = [...answers];
  const onData = (chunk: Buffer): void => {
    output += stripVTControlCharacters(chunk.toString());
    const [question, answer] = left[0] ?? [];
    if (!question?.test(output.slice(seen))) return;
    seen = output.length;
    left.shift();
    child.stdin.write(`${answer}\n`);
  };
  child.stdout.on('data', onData);
  child.stderr.on('data', onData);
  if (answers.length === 0) child.stdin.end();
  const [code] = (await once(child, 'close')) as [number | null];
  assert.deepEqual(left, [], `not everything was asked for:\n${output}`);
  return { code, output };
};

/** All files on disk, as text. */
const kept = async ({ dataDir }: TelegramSite): Promise<string> => {
  const files = (await readdir(dataDir, { recursive: true, withFileTypes: true })).filter((file) => file.isFile());
  const texts = await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1')));
  return texts.join('\n');
};

describe('kept login on Telegram', function () {
  this.timeout(60_000);
  let site: TelegramSite;

  beforeEach(async () => {
    site = await makeTelegramSite({ TELEGRAM_BOT_TOKEN: '' });
    site.server.world.addUser({ id: PERSON, username: 'kept_person', firstName: 'Kept', phone: PHONE, password: PASSWORD });
  });
  afterEach(async () => {
    site.server.assertClean();
    await site.remove();
  });

  for (const [where, run] of [
    ['with its input from a pipe', login],
    ['in a terminal', loginInTerminal],
  ] as const)
    it(`signs a person in with code and password, and keeps neither, ${where}`, async () => {
      const { code, output } = await run(site, [
        [/The code that Telegram sent to your other devices: $/, WRONG_CODE],
        [/That was not it\. The code .*: $/, CODE],
        [/Your two-step password: $/, WRONG_PASSWORD],
        [/That was not it\. Your two-step password: $/, PASSWORD],
      ]);
      assert.equal(code, 0, output);
      assert.match(output, /Signed in as @kept_person/);
      const onDisk = await kept(site);
      for (const typed of TYPED) {
        assert.ok(!onDisk.includes(typed), `${typed} is kept`);
        assert.ok(!output.includes(typed), `${typed} is shown`);
      }

      const bot = await startKept(site, 'start');
      try {
        assert.match(bot.started.selfPing?.telegram?.detail ?? '', /^from message to delivered answer/);
        const { world, sent } = site.server;
        const id = world.messageId(world.sendMessage({ from: ADA, chat: PERSON, text: 'hello' }), PERSON);
        await sent.until(({ userId, chat, replyTo }) => userId === PERSON && chat === ADA && replyTo === id);
      } finally {
        await bot.stop();
      }
    });

  it('asks for the code of an e-mail where Telegram sends one, and for another code where nothing is typed', async () => {
    const { server } = site;
    server.allowNextCodeAfter(0);
    const person = server.world.state.users.get(PERSON);
    if (person) person.loginBy = ['EmailCode', 'Sms'];
    const { code, output } = await login(site, [
      [/The code that Telegram sent by e-mail to k\*\*\*@e\*\*\*\.org \(Enter alone for one by SMS\): $/, ''],
      [/The code that Telegram sent you by SMS: $/, server.world.loginCode(PHONE, 'Sms')],
      [/Your two-step password: $/, PASSWORD],
    ]);
    assert.equal(code, 0, output);
    assert.match(output, /Signed in as @kept_person/);
  });

  it('says what to do where Telegram asks for a login e-mail first', async () => {
    const person = site.server.world.state.users.get(PERSON);
    if (person) person.loginBy = ['SetUpEmailRequired'];
    const { code, output } = await login(site, []);
    assert.equal(code, 1);
    assert.match(output, /set one in an official Telegram app first/);
  });

  it('reports a flood wait, and sends Telegram nothing before its end', async () => {
    const { server } = site;
    server.faults.fail('auth.sendCode', 'FLOOD_WAIT_900');
    const first = await login(site, []);
    assert.equal(first.code, 1);
    assert.match(first.output, /wait 900 s/);
    const before = server.calls.items.length;
    const second = await login(site, []);
    assert.equal(second.code, 1);
    assert.match(second.output, /no sign-in for another (?:8[5-9]\d|900) s/);
    assert.equal(server.calls.items.length, before);
  });

  it('signs a person in who scans the QR code in the terminal, and keeps neither it nor the password', async () => {
    const terminal = openTerminal(site, ['login', '--qr'], { env: { NO_COLOR: '1' } });
    const link = await terminal.find('a QR code', readQrCode);
    site.server.world.scan(PERSON, link);
    await terminal.answer(/Your two-step password: $/, PASSWORD);
    assert.equal(await terminal.ended, 0, terminal.shown());
    assert.match(terminal.shown(), /Signed in as @kept_person/);
    assert.doesNotMatch(terminal.shown(), new RegExp(PASSWORD));
    const onDisk = await kept(site);
    assert.ok(!onDisk.includes(PASSWORD) && !onDisk.includes(link));
    const bot = await startKept(site, 'start');
    try {
      assert.match(bot.started.selfPing?.telegram?.detail ?? '', /^from message to delivered answer/);
    } finally {
      await bot.stop();
    }
  });

  it('ends at Ctrl-C, leaves the terminal as it was, and the data to the next', async () => {
    const terminal = openTerminal(site, ['login', '--phone', PHONE], { after: 'stty -a' });
    await terminal.until(/other devices: $/);
    terminal.type(CTRL_C);
    await terminal.until(/kept: it was stopped by Ctrl-C/);
    await terminal.until(/\bicanon\b[\s\S]* echo /);
    assert.equal(await terminal.ended, 130);
    assert.equal(
      (
        await loginInTerminal(site, [
          [/devices: $/, CODE],
          [/password: $/, PASSWORD],
        ])
      ).code,
      0,
    );
  });

  for (const words of [[], ['--qr', '--phone', PHONE]])
    it(`says how to sign in where ${words.length === 0 ? 'neither way' : 'more than one way'} is named`, async () => {
      const { code, stderr } = await runKept(site, ['login', ...words]);
      assert.equal(code, 2);
      assert.match(stderr, /give one of --qr and --phone <number>/);
    });

  it('says that nobody is there to type the code', async () => {
    const { code, output } = await login(site, []);
    assert.equal(code, 1, output);
    assert.match(output, /nobody typed/);
  });
});
