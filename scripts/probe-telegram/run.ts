import { join } from 'node:path';
import { systemClock, systemRandomness } from '../../src/adapters/system/index.ts';
import { openLink } from '../../src/adapters/telegram/client/link.ts';
import { trustServerKey } from '../../src/adapters/telegram/client/server-key.ts';
import { DEFAULT_TIMING, type TelegramBase, type TelegramSettings } from '../../src/adapters/telegram/client/settings.ts';
import { silentNotice } from '../../src/ports/index.ts';
import { type Account, openAccount, type Role } from './account.ts';
import { type Context, type Pace, type Prompts, type Question, Skip, wordsOf } from './context.ts';
import { makeGroups } from './groups.ts';
import { openDirectory, openKeptState } from './kept-state.ts';
import { QUESTIONS } from './questions/index.ts';
import { openReport, type Verdict } from './report.ts';
import { type ProbeSettings, readSettings } from './settings.ts';
import { type PeerKind, peerKey, shapeOf } from './shapes.ts';

const MINUTE_MS = 60_000;

/** The pace of a real run: a quarter of an hour, most of it pauses between messages. */
export const PACE: Pace = {
  settleMs: 4_000,
  sendMs: 1_100,
  unseen: 150,
  groups: 10,
  repeatAfterMs: [MINUTE_MS, 120 * MINUTE_MS, 24 * 60 * MINUTE_MS],
  takeOverMs: [2_000, 6_000, 30_000],
};

export interface ProbeOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where answers and sessions are kept. */
  readonly directory: string;
  readonly prompts: Prompts;
  readonly pace?: Partial<Pace>;
  /** Asks only these questions. */
  readonly only?: readonly number[];
  /** Asks questions again that were answered before. */
  readonly again?: boolean;
  readonly signal?: AbortSignal;
}

/** The accounts, each opened when it is first needed. */
const makeAccounts = (
  settings: ProbeSettings,
  stateOf: ReturnType<typeof openKeptState>,
  prompts: Prompts,
  named: (account: Account) => void,
) => {
  const open = new Map<Role, Promise<Account>>();
  const has = (role: Role): boolean => role === 'person' || settings.botToken !== undefined;
  const baseOf = (role: Role, account: TelegramSettings['account']): TelegramBase => ({
    state: stateOf(role),
    clock: systemClock,
    randomness: systemRandomness,
    notice: silentNotice,
    timing: DEFAULT_TIMING,
    settings: { ...settings.telegram, account },
  });
  const begin = async (role: Role): Promise<Account> => {
    const token = settings.botToken;
    if (role !== 'person' && token === undefined)
      throw new Skip('there is no bot: give PROBE_BOT_TOKEN, from the test network’s own @BotFather');
    const account =
      role === 'person' || token === undefined
        ? await openAccount(role, baseOf(role, { kind: 'user' }), { phone: settings.phone }, prompts)
        : await openAccount(role, baseOf(role, { kind: 'bot', token }), { token }, prompts);
    named(account);
    return account;
  };
  return {
    has,
    account: (role: Role): Promise<Account> => {
      const known = open.get(role) ?? begin(role);
      open.set(role, known);
      return known;
    },
    fromElsewhere: async (account: Account) => {
      const base = baseOf(account.role, { kind: 'user' });
      return openLink(
        { ...base, settings: { ...base.settings, ...(settings.secondProxy ? { proxy: settings.secondProxy } : {}) } },
        account.session(),
        {
          onUpdates: () => undefined,
        },
      );
    },
    close: async (): Promise<void> => {
      for (const each of await Promise.allSettled(open.values())) if (each.status === 'fulfilled') await each.value.cut();
    },
  };
};

const verdictOn = async (question: Question, context: Context): Promise<Verdict> => {
  const { number, title } = question;
  const began = Date.now();
  const about = () => ({ question: number, title, at: new Date(began).toISOString(), tookMs: Date.now() - began });
  try {
    const { answer, evidence, open } = await question.ask(context);
    return { ...about(), status: open ? 'open' : 'answered', answer, evidence };
  } catch (error) {
    return { ...about(), status: error instanceof Skip ? 'skipped' : 'failed', answer: wordsOf(error) };
  }
};

/** Asks every question, and writes each verdict to the files at once. Resolves to all verdicts. */
export const runProbe = async ({
  env,
  directory,
  prompts,
  pace,
  only,
  again = false,
  signal,
}: ProbeOptions): Promise<readonly Verdict[]> => {
  openDirectory(directory);
  const stateOf = openKeptState(join(directory, 'sessions.json'));
  const memory = stateOf('probe');
  const settings = await readSettings(env, prompts, memory);
  const { dc } = settings.telegram;
  if (dc?.publicKeyPem !== undefined) trustServerKey(dc.publicKeyPem);
  const names = new Map<string, string>();
  const name = (kind: PeerKind, id: number | string, as: string): void => void names.set(peerKey(kind, id), as);
  const hide = (text: string): string => settings.secrets.reduce((shown, secret) => shown.replaceAll(secret, '[hidden]'), text);
  const report = openReport(directory, { server: dc?.address ?? 'Telegram', client: 'teleproto' }, hide);
  const accounts = makeAccounts(settings, stateOf, prompts, ({ role, id }) => {
    if (role !== 'spare') name('user', id, role);
  });
  const context: Context = {
    pace: { ...PACE, ...pace },
    prompts,
    memory,
    account: accounts.account,
    has: accounts.has,
    fromElsewhere: accounts.fromElsewhere,
    needsElsewhere: () => {
      if (!settings.secondProxy) throw new Skip('there is no second address: give PROBE_SECOND_PROXY=socks5://…');
    },
    groups: makeGroups(() => accounts.account('person'), name),
    shape: (value) => shapeOf(value, names),
    hear: async (account, during) => {
      account.heard();
      await during();
      await prompts.wait({ ...PACE, ...pace }.settleMs);
      return account.heard();
    },
  };
  try {
    for (const question of QUESTIONS.filter(({ number }) => only === undefined || only.includes(number))) {
      if (signal?.aborted) break;
      const known = report.verdicts().find((verdict) => verdict.question === question.number && verdict.status === 'answered');
      prompts.tell(`\n${question.number}/${QUESTIONS.length} ${question.title}`);
      const verdict = known && !again ? known : await verdictOn(question, context);
      if (verdict !== known) report.record(verdict);
      prompts.tell(`  ${verdict.status}${verdict === known ? ' before' : ''}: ${hide(verdict.answer)}`);
    }
  } finally {
    await accounts.close();
  }
  return report.verdicts();
};
