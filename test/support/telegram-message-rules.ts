import type { Message, World } from '../fakes/telegram/index.ts';
import { ADA, BOT, DEV_GROUP, GRACE, STRANGER, TEAM_GROUP, UNMAPPED_GROUP } from './telegram-site.ts';

export const mention = (text: string, name: string) => ({
  text,
  entities: [{ _: 'messageEntityMention', offset: text.indexOf(name), length: name.length }],
});
const textMention = (text: string, words: string, userId: number) => ({
  text,
  entities: [{ _: 'messageEntityMentionName', offset: text.indexOf(words), length: words.length, userId: BigInt(userId) }],
});

export const TELEGRAM_SERVICE = 777_000;
/** A channel of somebody else. */
export const NEWS = -1_001_500_002_009;

type Fate = 'answered' | 'remembered' | 'denied';
export interface MessageRule {
  readonly rule: string;
  /** The chat as the bot names it. */
  readonly chat: number;
  readonly act: (world: World, earlier: () => Message) => Message;
  readonly fate: Fate;
  readonly by: string;
}

/**
 * The message rules of the product, one row each, allowed and denied. `earlier` is an answer of the bot in the
 * supergroup.
 */
export const MESSAGE_RULES: readonly MessageRule[] = [
  {
    chat: UNMAPPED_GROUP,
    rule: '3: ignores a group that belongs to no workspace',
    fate: 'denied',
    by: 'unmapped-group',
    act: (w) => w.sendMessage({ from: ADA, chat: UNMAPPED_GROUP, ...mention('@kept_bot hello', '@kept_bot') }),
  },
  {
    chat: DEV_GROUP,
    rule: '3: answers every member of a group that belongs to a workspace',
    fate: 'answered',
    by: 'dev-group',
    act: (w) => w.sendMessage({ from: STRANGER, chat: DEV_GROUP, text: 'hello from a member' }),
  },
  {
    chat: GRACE,
    rule: '4: answers a direct message of a listed user id',
    fate: 'answered',
    by: 'direct-message',
    act: (w) => w.sendMessage({ from: GRACE, chat: BOT, text: 'hello from Grace' }),
  },
  {
    chat: ADA,
    rule: '4: answers a direct message of a listed username, whatever its case',
    fate: 'answered',
    by: 'direct-message',
    act: (w) => w.sendMessage({ from: ADA, chat: BOT, text: 'hello from Ada' }),
  },
  {
    chat: STRANGER,
    rule: '4: ignores a direct message of a stranger',
    fate: 'denied',
    by: 'not-whitelisted',
    act: (w) => w.sendMessage({ from: STRANGER, chat: BOT, text: 'let me in' }),
  },
  {
    chat: DEV_GROUP,
    rule: '5: answers a dev group without a mention',
    fate: 'answered',
    by: 'dev-group',
    act: (w) => w.sendMessage({ from: ADA, chat: DEV_GROUP, text: 'what about this' }),
  },
  {
    chat: DEV_GROUP,
    rule: '5: remembers a message of a dev group to somebody else',
    fate: 'remembered',
    by: 'addressed-to-other',
    act: (w) => w.sendMessage({ from: ADA, chat: DEV_GROUP, ...mention('@stranger what do you think', '@stranger') }),
  },
  {
    chat: TEAM_GROUP,
    rule: '5: remembers messages of other groups',
    fate: 'remembered',
    by: 'not-addressed',
    act: (w) => w.sendMessage({ from: ADA, chat: TEAM_GROUP, text: 'just talking' }),
  },
  {
    chat: TEAM_GROUP,
    rule: '5: answers a mention by username',
    fate: 'answered',
    by: 'addressed-to-us',
    act: (w) => w.sendMessage({ from: ADA, chat: TEAM_GROUP, ...mention('hey @KEPT_bot what is up', '@KEPT_bot') }),
  },
  {
    chat: TEAM_GROUP,
    rule: '5: answers a text mention',
    fate: 'answered',
    by: 'addressed-to-us',
    act: (w) => w.sendMessage({ from: ADA, chat: TEAM_GROUP, ...textMention('Kept, are you there', 'Kept', BOT) }),
  },
  {
    chat: TEAM_GROUP,
    rule: '5: answers a reply to one of its own messages',
    fate: 'answered',
    by: 'addressed-to-us',
    act: (w, earlier) => w.sendMessage({ from: GRACE, chat: TEAM_GROUP, text: 'and why is that', replyTo: earlier() }),
  },
  {
    chat: DEV_GROUP,
    rule: '5: remembers a reply to somebody else in a dev group',
    fate: 'remembered',
    by: 'addressed-to-other',
    act: (w) => {
      const replyTo = w.sendMessage({ from: GRACE, chat: DEV_GROUP, text: 'I will see to it' });
      return w.sendMessage({ from: ADA, chat: DEV_GROUP, text: 'thank you for that', replyTo });
    },
  },
  {
    chat: TEAM_GROUP,
    rule: '3: ignores an anonymous admin, even where everybody else is answered',
    fate: 'denied',
    by: 'anonymous-sender',
    act: (w) => w.sendMessage({ from: ADA, inNameOf: TEAM_GROUP, chat: TEAM_GROUP, ...mention('@kept_bot who am I', '@kept_bot') }),
  },
  {
    chat: TEAM_GROUP,
    rule: '3: ignores messages in the name of a channel',
    fate: 'denied',
    by: 'anonymous-sender',
    act: (w) => w.sendMessage({ from: ADA, inNameOf: NEWS, chat: TEAM_GROUP, ...mention('@kept_bot read the news', '@kept_bot') }),
  },
  {
    chat: DEV_GROUP,
    rule: '1: ignores its own messages that were sent from elsewhere',
    fate: 'denied',
    by: 'own-message',
    act: (w) => w.sendMessage({ from: BOT, chat: DEV_GROUP, text: 'what do I think of that' }),
  },
  {
    chat: TELEGRAM_SERVICE,
    rule: '4: ignores the service account of Telegram',
    fate: 'denied',
    by: 'service-account',
    act: (w) => w.sendMessage({ from: TELEGRAM_SERVICE, chat: BOT, text: 'a new login' }),
  },
];
