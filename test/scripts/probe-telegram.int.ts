import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Pace, Prompts } from '../../scripts/probe-telegram/context.ts';
import type { Verdict } from '../../scripts/probe-telegram/report.ts';
import { type ProbeOptions, runProbe } from '../../scripts/probe-telegram/run.ts';
import { WrongSettings } from '../../scripts/probe-telegram/settings.ts';
import { type MtprotoServer, startMtprotoServer } from '../fakes/telegram/index.ts';

const BOT = 700_000;
const PERSON = 1_001;
const TOKEN = `${BOT}:${'t'.repeat(35)}`;
const PHONE = '9996622222';
const API_HASH = '0123456789abcdef'.repeat(2);
const QUICK: Pace = {
  settleMs: 60,
  sendMs: 0,
  unseen: 12,
  groups: 3,
  repeatAfterMs: [0, 3_600_000],
  takeOverMs: [0, 20],
};

interface Stage {
  readonly server: MtprotoServer;
  readonly directory: string;
  /** Runs the probe; `onTold` hears each line. */
  run(options?: Partial<ProbeOptions>, onTold?: (line: string) => void, answers?: string[]): Promise<readonly Verdict[]>;
  readonly file: (name: string) => string;
}

const onStage = async (use: (stage: Stage) => Promise<void>): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), 'kept-probe-'));
  const server = await startMtprotoServer();
  server.world.addUser({ id: BOT, username: 'kept_probe_bot', firstName: 'Bot', isBot: true, token: TOKEN, privacyMode: true });
  server.world.addUser({ id: PERSON, username: 'kept_prober', firstName: 'Prober', phone: PHONE });
  const env = {
    TELEGRAM_API_ID: '1234567',
    TELEGRAM_API_HASH: API_HASH,
    PROBE_BOT_TOKEN: TOKEN,
    PROBE_PHONE: PHONE,
    TELEGRAM_DC_ADDRESS: server.address,
  };
  const keyPath = join(directory, 'server-key.pem');
  writeFileSync(keyPath, await server.publicKeyPem());
  try {
    await use({
      server,
      directory,
      file: (name) => readFileSync(join(directory, 'out', name), 'utf8'),
      run: (options = {}, onTold = () => undefined, answers = []) => {
        const prompts: Prompts = {
          tell: onTold,
          ask: async (question) => {
            const answer = answers.shift();
            if (answer === undefined) throw new Error(`nobody should be asked: ${question}`);
            return answer;
          },
          wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        };
        const base = { env: { ...env, TELEGRAM_DC_PUBLIC_KEY: keyPath }, directory: join(directory, 'out'), prompts, pace: QUICK };
        return runProbe({ ...base, ...options, env: { ...base.env, ...options.env } });
      },
    });
    server.assertClean();
  } finally {
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  }
};

const of = (verdicts: readonly Verdict[], number: number): Verdict => {
  const verdict = verdicts.find(({ question }) => question === number);
  if (!verdict) throw new Error(`no verdict on question ${number}`);
  return verdict;
};

describe('The probe of Telegram', () => {
  it('answers every question, with evidence and without a secret in its files', () =>
    onStage(async (stage) => {
      const secret = '0123456789abcdef0123456789abcdef';
      const door = await stage.server.openDoor({ proxy: { secret: Buffer.from(secret, 'hex'), padded: false }, place: 'elsewhere' });
      stage.server.allowOnePlaceOnly(0);
      const env = { PROBE_SECOND_PROXY: `mtproxy://${secret}@${door.address}` };
      const verdicts = await stage.run({ env }, (line) => {
        // The reply to the first message of question 8 is lost.
        if (/8\/10/.test(line)) stage.server.faults.swallow('messages.sendMessage', 'after');
      });
      const told = verdicts.map(({ question, status, answer }) => `${question} ${status}: ${answer}`).join('\n');
      expect(
        verdicts.map(({ question }) => question),
        told,
      ).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect(
        verdicts.filter(({ status }) => status === 'failed' || status === 'skipped'),
        told,
      ).to.deep.equal([]);
      expect(of(verdicts, 1).answer).to.match(/^yes/);
      expect(of(verdicts, 2).answer).to.match(/bot in a supergroup: .*; person in a supergroup: /);
      expect(of(verdicts, 3).answer).to.match(/a message from before it joined: /);
      expect(of(verdicts, 4).answer).to.match(/pts moved by 13 over 12 unseen messages/);
      expect(of(verdicts, 5).answer).to.match(/names [0-3] of 3/);
      expect(of(verdicts, 6).answer).to.match(/while the first is open: AUTH_KEY_DUPLICATED/);
      expect(of(verdicts, 7)).to.deep.include({ status: 'open' });
      expect(of(verdicts, 7).answer).to.match(/after 0 min: RANDOM_ID_DUPLICATE; run this again 1 h after/);
      expect(of(verdicts, 8).answer).to.match(/^(yes|no): the difference holds/);
      expect(of(verdicts, 9).answer.split('; ')).to.deep.equal([
        'a reply to a deleted message: sent',
        'a reply into a topic without top_msg_id: sent',
        'one with top_msg_id: sent',
        'one with top_msg_id 1: MSG_ID_INVALID',
        'a message without reply in a forum: sent',
        'a reply to a deleted message with top_msg_id: sent',
        'a reply to a deleted message without top_msg_id: sent',
        'a message of the creator in a closed topic: sent',
        'a message in a deleted topic: TOPIC_DELETED',
      ]);
      expect(of(verdicts, 10).answer).to.match(/person: CHAT_WRITE_FORBIDDEN; bot: CHAT_WRITE_FORBIDDEN/);
      for (const name of ['answers.json', 'answers.md']) {
        const text = stage.file(name);
        for (const hidden of [TOKEN, API_HASH, PHONE, secret, 'kept_probe_bot', String(PERSON)])
          expect(text.includes(hidden), `${name} holds ${hidden}`).to.equal(false);
      }
      expect(stage.file('answers.md')).to.match(/## 10\. What is answered to a message for a group/);
      expect(statSync(join(stage.directory, 'out', 'sessions.json')).mode & 0o777).to.equal(0o600);
    }));

  it('keeps its answers when it is ended, and does not ask those questions again', () =>
    onStage(async (stage) => {
      const ending = new AbortController();
      await stage.run({ only: [1, 9, 10], signal: ending.signal }, (line) => {
        if (/9\/10/.test(line)) ending.abort();
      });
      expect(JSON.parse(stage.file('answers.json')).verdicts.map((each: Verdict) => each.question)).to.deep.equal([1, 9]);
      const signedIn = stage.server.calls.items.filter(({ method }) => /^auth\.(signIn|importBot)/.test(method)).length;
      const lines: string[] = [];
      const verdicts = await stage.run({ only: [1, 9, 10] }, (line) => lines.push(line));
      expect(verdicts.map(({ question }) => question)).to.deep.equal([1, 9, 10]);
      expect(lines.filter((line) => /answered before/.test(line))).to.have.length(2);
      const now = stage.server.calls.items.filter(({ method }) => /^auth\.signIn/.test(method)).length;
      expect(now, 'the sessions are kept, too').to.be.at.most(signedIn);
    }));

  it('creates an account where the test number has none', () =>
    onStage(async (stage) => {
      const person = stage.server.world.state.users.get(PERSON);
      if (person) person.unregistered = true;
      const verdicts = await stage.run({ only: [9] });
      expect(of(verdicts, 9).status, of(verdicts, 9).answer).to.equal('answered');
      expect(stage.server.calls.items.map(({ method }) => method)).to.include('auth.signUp');
    }));

  it('skips questions that it cannot ask, and says why', () =>
    onStage(async (stage) => {
      const verdicts = await stage.run({ env: { PROBE_BOT_TOKEN: '' }, only: [1, 2, 6, 8] });
      expect(of(verdicts, 1).status).to.equal('answered');
      for (const number of [2, 6]) expect(of(verdicts, number)).to.deep.include({ status: 'skipped' });
      expect(of(verdicts, 2).answer).to.match(/PROBE_BOT_TOKEN/);
    }));

  it('asks for a bot of the test network, and leaves the one that Kept itself has alone', () =>
    onStage(async (stage) => {
      const env = { PROBE_BOT_TOKEN: undefined, TELEGRAM_BOT_TOKEN: TOKEN };
      const verdicts = await stage.run({ env, only: [2] }, () => undefined, ['']);
      expect(of(verdicts, 2).status).to.equal('skipped');
      expect(stage.server.calls.items.map(({ method }) => method)).to.not.include('auth.importBotAuthorization');
    }));

  it('names the variable of each value that it asks for, and the directory that it cannot write', () =>
    onStage(async (stage) => {
      const asked: string[] = [];
      const prompts: Prompts = { tell: () => undefined, wait: async () => undefined, ask: async (what) => `${asked.push(what)}` };
      const env = { TELEGRAM_API_ID: undefined, TELEGRAM_API_HASH: undefined, PROBE_BOT_TOKEN: undefined };
      const refusal = async (options: Partial<ProbeOptions>): Promise<unknown> =>
        stage.run(options).then(
          () => undefined,
          (error: unknown) => error,
        );
      expect(await refusal({ env, prompts })).to.be.instanceOf(WrongSettings);
      expect(asked.map((what) => what.split(' ')[0])).to.deep.equal(['TELEGRAM_API_ID', 'TELEGRAM_API_HASH', 'PROBE_BOT_TOKEN']);
      const failure = await refusal({ directory: join(stage.directory, 'server-key.pem') });
      expect(failure).to.be.instanceOf(WrongSettings);
      expect(String(failure)).to.match(/server-key\.pem can't be written \(EEXIST.*--out$/);
    }));

  it('skips questions that need a second address if that cannot be reached, and keeps the address out of its files', () =>
    onStage(async (stage) => {
      const door = await stage.server.openDoor();
      await door.close();
      const env = { PROBE_SECOND_PROXY: `socks5://somebody:pass-word@${door.address}` };
      const verdicts = await stage.run({ env, only: [6] });
      expect(of(verdicts, 6)).to.deep.include({ status: 'skipped' });
      expect(of(verdicts, 6).answer).to.match(/can't be reached from the second address/);
      for (const part of ['somebody', 'pass-word', door.address]) expect(stage.file('answers.json').includes(part), part).to.equal(false);
    }));

  it('continues after a question that fails, and names the error', () =>
    onStage(async (stage) => {
      stage.server.faults.fail('messages.migrateChat', 'CHAT_ADMIN_REQUIRED');
      const verdicts = await stage.run({ only: [9, 10, 1] });
      expect(of(verdicts, 10)).to.deep.include({ status: 'failed', answer: 'CHAT_ADMIN_REQUIRED' });
      expect(of(verdicts, 1).status).to.equal('answered');
    }));
});
