import { present } from '../../../../src/domain/shared/present.ts';
import { rpcError } from '../rpc-error.ts';
import { flagOf, int, list, long, object, objects, optional, type TlObject, text } from '../tl/value.ts';
import { chatOfPeer, messageIn, userOfInput } from '../world/access.ts';
import { type Draft, edit, post, react, refuseMigrated, showAction } from '../world/actions.ts';
import { container, deliverPin, newMessageUpdate } from '../world/deliver.ts';
import { messageIdUpdate, renderMessage } from '../world/render.ts';
import { type Chat, logOf, type Message, markedIdFor, messageIdFor } from '../world/state.ts';
import { answerTap, markupOf } from '../world/taps.ts';
import { GENERAL, isForum } from '../world/threads.ts';
import type { UserCall, UserMethod } from './call.ts';
import { mediaOfInput } from './media.ts';
import { placeOf, threadNamed } from './place.ts';

/** Entities as messages carry them. Clients send a mention by id with an access hash. */
const entitiesOf = (call: UserCall, source: TlObject): readonly TlObject[] =>
  (optional(objects, source, 'entities') ?? []).map((entity) =>
    entity._ === 'inputMessageEntityMentionName'
      ? {
          _: 'messageEntityMentionName',
          offset: int(entity, 'offset'),
          length: int(entity, 'length'),
          userId: BigInt(userOfInput(call.service.world.state, call.me, object(entity, 'userId')).id),
        }
      : entity,
  );

const randomKey = ({ me }: UserCall, chat: Chat, randomId: bigint): string => `${me.id}:${markedIdFor(chat, me.id)}:${randomId}`;

/** The message that this random id already became, if repeats are answered with it. */
const repeated = (call: UserCall, chat: Chat, randomId: bigint): Message | undefined => {
  if (randomId === 0n) throw rpcError('RANDOM_ID_EMPTY');
  const message = call.service.randomIds.get(randomKey(call, chat, randomId));
  if (message && call.service.repeats === 'error') throw rpcError('RANDOM_ID_DUPLICATE');
  return message;
};

/** The message of a random id, and whether it existed before this call. */
interface Said {
  readonly message: Message;
  readonly repeated: boolean;
}

const say = (call: UserCall, chat: Chat, draft: Draft & { readonly randomId: bigint }): Said => {
  const { service, me, session } = call;
  const known = repeated(call, chat, draft.randomId);
  if (known) return { message: known, repeated: true };
  const message = post(service.world.state, me, chat, draft, session);
  service.randomIds.set(randomKey(call, chat, draft.randomId), message);
  const idOf = (named: Message | undefined) => named && messageIdFor(service.world.state, named, me.id);
  service.recorders.sent.record({
    userId: me.id,
    chat: markedIdFor(chat, me.id),
    id: messageIdFor(service.world.state, message, me.id),
    text: message.text,
    entities: message.entities,
    randomId: draft.randomId,
    message,
    ...present({ replyTo: idOf(message.replyTo), thread: idOf(message.thread) }),
    ...(message.media ? { media: message.media } : {}),
  });
  return { message, repeated: false };
};

const ptsOf = ({ service, me }: UserCall, message: Message): number =>
  logOf(service.world.state, message.chat, me.id).events.findLast((event) => event.message === message)?.pts ?? 0;

const isShort = ({ chat, media }: Message, { shortInSupergroups }: UserCall['service']): boolean =>
  !media && (chat.kind !== 'supergroup' || shortInSupergroups);

/**
 * The result for the sender: short for plain text, whole otherwise. The result of a repeat is whole, with the old pts
 * and a count of 0.
 */
const sentResult = (call: UserCall, said: readonly Said[]): TlObject => {
  const { service, me } = call;
  const { state } = service.world;
  const [first] = said;
  if (said.length === 1 && first && !first.repeated && isShort(first.message, service))
    return {
      _: 'updateShortSentMessage',
      out: true,
      id: messageIdFor(state, first.message, me.id),
      pts: ptsOf(call, first.message),
      ptsCount: 1,
      date: first.message.date,
      entities: first.message.entities.length > 0 ? first.message.entities : undefined,
    };
  const messages = said.map(({ message }) => message);
  const ids = messages.map((message) => messageIdUpdate(state, message, me));
  const news = said.map(({ message, repeated }) => ({
    ...newMessageUpdate(state, message, me, ptsOf(call, message)),
    ...(repeated ? { ptsCount: 0 } : {}),
  }));
  return container(state, me, [...ids, ...news], { messages });
};

const draftOf = (call: UserCall, chat: Chat): Draft => ({
  text: text(call.request, 'message'),
  entities: entitiesOf(call, call.request),
  silent: flagOf(call.request, 'silent'),
  ...present({ markup: markupOf(call.me, call.request) }),
  ...placeOf(call, chat),
});

const chatOfCall = ({ request, service, me }: UserCall): Chat => {
  const chat = chatOfPeer(service.world.state, me, object(request, 'peer'));
  refuseMigrated(chat);
  return chat;
};

const existing = (call: UserCall, chat: Chat, messageId: number): Message => {
  const message = messageIn(call.service.world.state, call.me, chat, messageId);
  if (!message || markedIdFor(message.chat, call.me.id) !== markedIdFor(chat, call.me.id)) throw rpcError('MESSAGE_ID_INVALID');
  return message;
};

/** Unless the client says no, the first address of a text is fetched at once: who has it is told what it holds. */
const fetchPreview = ({ request, service }: UserCall): void => {
  if (flagOf(request, 'noWebpage')) return;
  const hidden = (optional(objects, request, 'entities') ?? []).flatMap((entity) => optional(text, entity, 'url') ?? []);
  const [written] = /\bhttps?:\/\/\S+|\b[\w-]+(?:\.[\w-]+)+\b\S*/i.exec(optional(text, request, 'message') ?? '') ?? [];
  const url = hidden[0] ?? written;
  if (url !== undefined) service.recorders.previews.record({ url });
};

let lastGroupedId = 13_000_000_000_000_000n;

export const SENDING_METHODS: Readonly<Record<string, UserMethod>> = {
  'messages.sendMessage': (call) => {
    const chat = chatOfCall(call);
    fetchPreview(call);
    return sentResult(call, [say(call, chat, { ...draftOf(call, chat), randomId: long(call.request, 'randomId') })]);
  },
  'messages.sendMedia': (call) => {
    const chat = chatOfCall(call);
    const randomId = long(call.request, 'randomId');
    const known = repeated(call, chat, randomId);
    if (known) return sentResult(call, [{ message: known, repeated: true }]);
    const media = mediaOfInput(call, object(call.request, 'media'));
    return sentResult(call, [say(call, chat, { ...draftOf(call, chat), media, randomId })]);
  },
  'messages.sendMultiMedia': (call) => {
    const chat = chatOfCall(call);
    const place = placeOf(call, chat);
    const items = objects(call.request, 'multiMedia');
    if (items.length === 0) throw rpcError('MULTI_MEDIA_TOO_SHORT');
    if (items.length > 10) throw rpcError('MULTI_MEDIA_TOO_LONG');
    lastGroupedId += 1n;
    const groupedId = lastGroupedId;
    const said = items.map((item): Said => {
      const randomId = long(item, 'randomId');
      const known = repeated(call, chat, randomId);
      return known
        ? { message: known, repeated: true }
        : say(call, chat, {
            text: text(item, 'message'),
            entities: entitiesOf(call, item),
            media: mediaOfInput(call, object(item, 'media')),
            groupedId,
            randomId,
            ...place,
          });
    });
    return sentResult(call, said);
  },
  'messages.editMessage': (call) => {
    const { request, service, me, session } = call;
    const { state } = service.world;
    const chat = chatOfCall(call);
    const message = existing(call, chat, int(request, 'id'));
    fetchPreview(call);
    edit(
      state,
      me,
      message,
      {
        text: optional(text, request, 'message') ?? message.text,
        entities: entitiesOf(call, request),
        ...present({ markup: markupOf(me, request) }),
      },
      session,
    );
    const id = messageIdFor(state, message, me.id);
    service.recorders.edits.record({
      userId: me.id,
      chat: markedIdFor(chat, me.id),
      id,
      text: message.text,
      entities: message.entities,
      message,
    });
    const { pts } = logOf(state, chat, me.id);
    const update = chat.kind === 'supergroup' ? 'updateEditChannelMessage' : 'updateEditMessage';
    return container(state, me, [{ _: update, message: renderMessage(state, message, me), pts, ptsCount: 1 }], { messages: [message] });
  },
  'messages.setBotCallbackAnswer': ({ request, service, me }) => {
    const queryId = long(request, 'queryId');
    const answer = { alert: flagOf(request, 'alert'), ...present({ text: optional(text, request, 'message') }) };
    answerTap(service.world.state, me, queryId, answer);
    service.recorders.answered.record({ userId: me.id, queryId, ...answer });
    return true;
  },
  'messages.setTyping': (call) => {
    const chat = chatOfCall(call);
    const { request, service, me } = call;
    const action = object(request, 'action');
    const topMsgId = optional(int, request, 'topMsgId');
    const isGeneral = topMsgId === GENERAL && isForum(chat);
    const thread = topMsgId === undefined || isGeneral ? undefined : threadNamed(service.world.state, me, chat, topMsgId);
    const shownIn = thread && messageIdFor(service.world.state, thread, me.id);
    service.recorders.typing.record({
      userId: me.id,
      chat: markedIdFor(chat, me.id),
      action: action._,
      ...present({ thread: shownIn }),
    });
    showAction(service.world.state, me, chat, action, thread);
    return true;
  },
  'messages.updatePinnedMessage': (call) => {
    const { request, service, me, session } = call;
    const chat = chatOfCall(call);
    if (flagOf(request, 'unpin')) throw rpcError('MESSAGE_ID_INVALID');
    if (me.isBot && flagOf(request, 'pmOneside')) throw rpcError('BOT_ONESIDE_NOT_AVAIL');
    const message = existing(call, chat, int(request, 'id'));
    if (chat.kind !== 'dm' && chat.members.get(me.id)?.role === 'member') throw rpcError('CHAT_ADMIN_REQUIRED');
    if (message.isPinned) throw rpcError('CHAT_NOT_MODIFIED');
    const told = deliverPin(service.world.state, message, { id: me.id, origin: session });
    return container(service.world.state, me, told, { chats: [chat] });
  },
  'messages.sendReaction': (call) => {
    const { request, service, me, session } = call;
    const chat = chatOfCall(call);
    const message = existing(call, chat, int(request, 'msgId'));
    const reactions = (optional(list, request, 'reaction') ? objects(request, 'reaction') : []).filter(({ _ }) => _ !== 'reactionEmpty');
    if (reactions.some((reaction) => reaction._ === 'reactionEmoji' && text(reaction, 'emoticon') === ''))
      throw rpcError('REACTION_INVALID');
    const told = react(service.world.state, me, message, reactions, session);
    const emoji = reactions.map((reaction) => optional(text, reaction, 'emoticon') ?? reaction._);
    service.recorders.reactions.record({ userId: me.id, chat: markedIdFor(chat, me.id), id: int(request, 'msgId'), emoji, message });
    return container(service.world.state, me, told, { messages: [message] });
  },
};
