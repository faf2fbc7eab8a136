import type { ApprovalId, ApprovalStatus, ChatId, UserId } from '../../src/domain/index.ts';
import type { Randomness } from '../../src/ports/index.ts';
import { buttonsOf, type Message, type MtprotoServer } from '../fakes/telegram/index.ts';
import { GROUPS, populate } from './approval-site.ts';
import { until } from './chat-api.ts';
import { type KeptProcess, startKept } from './kept-process.ts';
import { BOT, makeTelegramSite } from './telegram-site.ts';

const PATIENCE_MS = 60_000;
/** Whoever looks so long at the clock on a button taps again. */
const TAP_MS = 1_500;
/** So many taps meet something that goes wrong: after many losses of a connection in a row, the bot waits long. */
const MISFORTUNE = 0.003;

/** What a card says of its approval, in its first line. */
interface Claim {
  readonly id: ApprovalId;
  readonly status: ApprovalStatus;
}
const CLAIMS: readonly (readonly [ApprovalStatus, RegExp])[] = [
  ['asked', /^Approval #(\d+) is needed\. Nothing of this has run\.$/],
  ['approved', /^Approval #(\d+): approved by .+\. It runs next\.$/],
  ['done', /^Approval #(\d+): approved by .+, and done\.$/],
  ['failed', /^Approval #(\d+): approved by .+, but it failed\.$/],
  ['failed', /^Approval #(\d+): approved by .+\. Whether it took effect is not known: .+$/],
  ['denied', /^Approval #(\d+): (?:denied by .+|ended without a decision)\. It did not run\.$/],
  ['expired', /^Approval #(\d+): expired\. Nobody decided in time, and it did not run\.$/],
];

/** Undefined where a message is about something else. */
const claimOf = (text: string): Claim | 'unreadable' | undefined => {
  const [line = ''] = text.split('\n', 1);
  if (!line.startsWith('Approval #')) return undefined;
  for (const [status, pattern] of CLAIMS) {
    const [, id] = pattern.exec(line) ?? [];
    if (id !== undefined) return { id: Number(id) as ApprovalId, status };
  }
  return 'unreadable';
};

/** What is known of an approval otherwise than by its card. */
export interface Truth {
  readonly status: ApprovalStatus;
}
export interface Judge {
  /** The effects that the world has seen so far of what this approval guards. */
  effectsOf(id: ApprovalId): number;
  truthOf(id: ApprovalId): Promise<Truth>;
}

/** Someone who taps: `isForged` where no Telegram would tell of it. */
export interface WireTap {
  readonly from: UserId;
  readonly message: Message;
  readonly data: string | Buffer;
  readonly isForged?: boolean;
}

/** What goes wrong on the way, now and then: nothing of it is Telegram's fault, or the bot's. */
const MISFORTUNES: readonly ((server: MtprotoServer) => void)[] = [
  (server) => server.cutConnections(),
  ({ faults }) => faults.duplicateUpdates(3),
  ({ faults }) => faults.cutAfter('messages.sendMessage'),
  ({ faults }) => faults.cutBefore('messages.editMessage'),
  ({ faults }) => faults.cutAfter('messages.editMessage'),
  ({ faults }) => faults.fail('messages.editMessage', 'FLOOD_WAIT_1'),
  ({ faults }) => faults.cutAfter('messages.setBotCallbackAnswer'),
];

const numberOf = (id: string): number => Number(id.replace('telegram:', ''));

/**
 * A bot that is killed and started again, on a Telegram of its own: taps go to it as callback queries, and what its
 * messages say is checked in each moment.
 */
export const openCards = async (randomness: Randomness, judge: Judge) => {
  const site = await makeTelegramSite();
  await populate(site);
  const { server } = site;
  const { world, faults } = server;
  const cards = new Map<ApprovalId, Message[]>();
  const pending = new Map<bigint, (told: string | 'lost') => void>();
  const answerMs: number[] = [];
  const found: string[] = [];
  const checks: Promise<void>[] = [];
  /** How many of the messages that stand say what. */
  const standingClaims = new Map<ApprovalStatus, number>();
  let [claims, kills] = [0, 0];

  const checkClaim = async ({ id, status }: Claim, effects: number): Promise<void> => {
    if (status === 'done' && effects !== 1) found.push(`#${id}: a message says that it is done, with ${effects} effects`);
    // Statuses only go forward: what was true when it was said is so still, or has gone on.
    const now = await judge.truthOf(id);
    const goesOn = status === 'asked' || (status === 'approved' && ['done', 'failed'].includes(now.status));
    if (now.status !== status && !goesOn) found.push(`#${id}: a message says ${status}, and it is ${now.status}`);
  };
  const hear = (text: string): Claim | undefined => {
    const claim = claimOf(text);
    if (claim === 'unreadable') found.push(`a message says: ${text.split('\n', 1)}`);
    if (!claim || claim === 'unreadable') return undefined;
    claims++;
    checks.push(checkClaim(claim, judge.effectsOf(claim.id)));
    return claim;
  };
  server.sent.follow(({ text, message }) => {
    const claim = hear(text);
    if (claim?.status === 'asked') cards.set(claim.id, [...(cards.get(claim.id) ?? []), message]);
  });
  server.edits.follow(({ text }) => hear(text));
  server.answered.follow(({ queryId, text = '' }) => pending.get(queryId)?.(text));

  let up: Promise<KeptProcess> = startKept(site, 'bot');

  /** What its messages say in the end, against what became of each approval. */
  const standing = async (chatId: ChatId): Promise<void> => {
    for (const message of world.history(BOT, numberOf(chatId))) {
      const claim = message.from === BOT && !message.deleted ? claimOf(message.text) : undefined;
      if (!claim || claim === 'unreadable') continue;
      standingClaims.set(claim.status, (standingClaims.get(claim.status) ?? 0) + 1);
      const { status } = await judge.truthOf(claim.id);
      const effects = judge.effectsOf(claim.id);
      const about = `#${claim.id}, of which the chat says ${claim.status},`;
      if (claim.status !== status) found.push(`${about} is ${status}`);
      if (claim.status === 'approved') found.push(`${about} has not ended`);
      const isUnknown = claim.status === 'failed' && !message.text.split('\n', 1)[0]?.endsWith('but it failed.');
      const most = claim.status === 'done' || isUnknown ? 1 : 0;
      if (effects > most || (claim.status === 'done' && effects === 0)) found.push(`${about} has ${effects} effects`);
      const buttons = buttonsOf(message).length;
      if (buttons !== (claim.status === 'asked' ? 2 : 0)) found.push(`${about} has ${buttons} buttons`);
    }
  };

  return {
    database: site.database,
    root: site.root,
    /** Resolves when there is a bot to tap; while there is none, Telegram loses what is tapped. */
    ready: async (): Promise<void> => void (await up),
    cardOf: (id: ApprovalId): Promise<Message> => until(`the card of #${id}`, async () => cards.get(id)?.at(-1), PATIENCE_MS),
    /** Resolves to what the person is shown; `lost`: nothing, as the bot died, or was not reached. */
    tap: async ({ from, ...rest }: WireTap): Promise<string | 'lost'> => {
      if (randomness.fraction() < MISFORTUNE) MISFORTUNES[Math.floor(randomness.fraction() * MISFORTUNES.length)]?.(server);
      const at = performance.now();
      const { promise, resolve } = Promise.withResolvers<string | 'lost'>();
      const query = world.tap({ from: numberOf(from), ...rest });
      pending.set(query, resolve);
      const timer = setTimeout(resolve, TAP_MS, 'lost');
      const told = await promise;
      clearTimeout(timer);
      pending.delete(query);
      if (told !== 'lost') answerMs.push(performance.now() - at);
      return told;
    },
    kill: async (): Promise<void> => {
      kills++;
      const dying = up;
      const next = Promise.withResolvers<KeptProcess>();
      up = next.promise;
      await (await dying).kill();
      for (const lose of pending.values()) lose('lost');
      startKept(site, 'bot').then(next.resolve, next.reject);
      await next.promise;
    },
    /** What was wrong of what its messages have ever said, and say now that everything has settled. */
    faults: async (ids: readonly ApprovalId[]): Promise<readonly string[]> => {
      await Promise.all(checks);
      for (const chatId of GROUPS) await standing(chatId);
      for (const id of ids) {
        const mine = cards.get(id)?.length ?? 0;
        if (mine !== 1) found.push(`#${id} has ${mine} cards`);
      }
      return found;
    },
    /** Nothing goes wrong from here on. */
    calm: (): void => faults.clear(),
    claims: () => claims,
    standing: (): ReadonlyMap<ApprovalStatus, number> => standingClaims,
    kills: () => kills,
    answerMs: (): readonly number[] => answerMs,
    close: async (): Promise<void> => {
      try {
        await (await up).kill();
      } finally {
        await site.remove();
      }
      server.assertClean();
    },
  };
};
