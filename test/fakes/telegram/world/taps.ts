import { createHash } from 'node:crypto';
import { rpcError } from '../rpc-error.ts';
import { bytes, object, objects, optional, type TlObject, text } from '../tl/value.ts';
import { container, push } from './deliver.ts';
import { peerOf, renderUser } from './render.ts';
import { type Message, mailboxOf, messageIdFor, participants, type User, userOf, type WorldState } from './state.ts';

/** https://core.telegram.org/constructor/inlineButtonTypeCallback */
const MAX_DATA = 64;
/** https://core.telegram.org/api/config, and what clients can show in one row */
const MAX_IN_ROW = 8;
const MAX_BUTTONS = 100;

/** The buttons of a bot, as Telegram takes them; those of people are refused. */
export const markupOf = (me: User, request: TlObject): TlObject | undefined => {
  const markup = optional(object, request, 'replyMarkup');
  if (!markup) return undefined;
  if (!me.isBot || markup._ !== 'replyInlineMarkup') throw rpcError('REPLY_MARKUP_INVALID');
  const rows = objects(markup, 'rows').map((row) => objects(row, 'buttons'));
  const buttons = rows.flat();
  if (buttons.length === 0 || rows.some(({ length }) => length === 0 || length > MAX_IN_ROW)) throw rpcError('REPLY_MARKUP_INVALID');
  if (buttons.length > MAX_BUTTONS) throw rpcError('REPLY_MARKUP_TOO_LONG');
  for (const button of buttons) {
    if (text(button, 'text').trim() === '') throw rpcError('BUTTON_INVALID');
    const type = object(button, 'type');
    if (type._ !== 'inlineButtonTypeCallback') throw rpcError('BUTTON_TYPE_INVALID');
    const { length } = bytes(type, 'data');
    if (length === 0 || length > MAX_DATA) throw rpcError('BUTTON_DATA_INVALID');
  }
  return markup;
};

/** What people see below a message: the label of each button, and its data. */
export const buttonsOf = ({ markup }: Message): readonly { readonly label: string; readonly data: string }[] =>
  markup
    ? objects(markup, 'rows')
        .flatMap((row) => objects(row, 'buttons'))
        .map((button) => ({ label: text(button, 'text'), data: bytes(object(button, 'type'), 'data').toString('utf8') }))
    : [];

let lastQuery = 4_300_000_000_000_000_000n;

export interface NewTap {
  readonly from: number;
  readonly message: Message;
  readonly data: string | Buffer;
  /** Tells of it although nobody like `from` can tap there. */
  readonly isForged?: boolean;
}

/**
 * Tells the bot below whose message a button is tapped. Only who has the message can tap: a member of its chat, or
 * anybody where the group is public.
 */
export const tap = (state: WorldState, { from, message, data, isForged = false }: NewTap): bigint => {
  const { chat } = message;
  const person = userOf(state, from);
  const bot = userOf(state, message.from);
  if (person.isBot && !isForged) throw rpcError('BOT_METHOD_INVALID');
  const isPublic = chat.kind !== 'dm' && chat.username !== undefined;
  if (!participants(chat).includes(from) && !isPublic && !isForged) throw rpcError('CHANNEL_PRIVATE');
  if (message.deleted || !bot.isBot) throw rpcError('MESSAGE_ID_INVALID');
  lastQuery += 1n;
  const queryId = lastQuery;
  state.taps.set(queryId, { botId: bot.id, at: state.now() });
  const update = {
    _: 'updateBotCallbackQuery',
    queryId,
    userId: BigInt(from),
    peer: peerOf(chat, bot.id),
    msgId: messageIdFor(state, message, bot.id),
    chatInstance: createHash('sha256')
      .update(`instance ${chat.kind === 'dm' ? chat.users : chat.markedId}`)
      .digest()
      .readBigInt64LE(),
    data: Buffer.from(data),
  };
  const told = container(state, bot, [update], { chats: [chat] });
  const users = [...objects(told, 'users').filter(({ id }) => Number(id) !== from), renderUser(person, bot)];
  mailboxOf(state, bot.id).known.add(from);
  push(state, bot, { ...told, users });
  return queryId;
};

/** Answers a tap, once (https://core.telegram.org/method/messages.setBotCallbackAnswer). */
export const answerTap = (
  state: WorldState,
  me: User,
  queryId: bigint,
  answer: { readonly text?: string; readonly alert: boolean },
): void => {
  const asked = state.taps.get(queryId);
  if (!me.isBot) throw rpcError('USER_BOT_REQUIRED');
  if (asked?.botId !== me.id || asked.answer || state.now() - asked.at > TAP_HOLDS_S) throw rpcError('QUERY_ID_INVALID');
  if ((answer.text ?? '').length > MAX_ANSWER) throw rpcError('MESSAGE_TOO_LONG');
  asked.answer = answer;
};

const MAX_ANSWER = 200;
/** The client of the person has given up by then. */
const TAP_HOLDS_S = 60;
