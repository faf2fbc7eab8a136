import { systemClock, systemRandomness } from '../../../src/adapters/system/index.ts';
import { messageNumberOf, nativeChat, telegramChatId, telegramMessageId } from '../../../src/adapters/telegram/client/ids.ts';
import { makeTelegramGateway } from '../../../src/adapters/telegram/index.ts';
import { type ChatId, type MessageId, present } from '../../../src/domain/index.ts';
import { silentEvents } from '../../../src/ports/index.ts';
import { chatGatewayContract, type GatewayTrial, type Opened, runContract, type ShownMessage } from '../../../src/testing/index.ts';
import { buttonsOf, type Message } from '../../fakes/telegram/index.ts';
import { int, optional } from '../../fakes/telegram/tl/value.ts';
import { ACCOUNT, ANN, BOT, onStage, type Stage } from './gateway-stage.ts';

const FORUM = 1_600_000_001;
const FORUM_CHAT = -1_000_000_000_000 - FORUM;

/** A bot or a person in a forum and in a private chat, over the wire. */
const trialOn = ({ server, settings, state }: Stage, account: number): GatewayTrial & { readonly stop: () => Promise<void> } => {
  const { world } = server;
  world.addForum({ id: FORUM, title: 'Forum', members: [ANN, account] });
  const topic = world.createTopic({ from: ANN, chat: FORUM_CHAT, title: 'Trains' });
  const begin = () =>
    makeTelegramGateway({
      settings,
      state,
      clock: systemClock,
      randomness: systemRandomness,
      events: silentEvents,
      isOurs: () => false,
    });
  let current = begin();
  const numberOf = (message: Message): number => world.messageId(message, account);
  const isInTopic = (message: Message): boolean => message.thread !== undefined && message.thread === topic.root;
  return {
    gateway: current,
    chats: {
      room: telegramChatId(FORUM_CHAT),
      other: telegramChatId(ANN),
      thread: telegramChatId(FORUM_CHAT, world.topicId(topic, account)),
    },
    restarted: async () => {
      await current.stop();
      current = begin();
      return current;
    },
    say: async (chatId, text) => {
      const { room, thread } = nativeChat(chatId);
      const chat = room === ANN ? account : room;
      return telegramMessageId(numberOf(world.sendMessage({ from: ANN, chat, text, ...(thread === undefined ? {} : { topic }) })));
    },
    shown: async (chatId: ChatId) => {
      const { room, thread } = nativeChat(chatId);
      const ours = world.history(account, room).filter((message) => message.from === account && !message.deleted && !message.action);
      return ours
        .filter((message) => isInTopic(message) === (thread !== undefined))
        .map(
          (message): ShownMessage => ({
            text: message.text,
            ...(message.markup ? { buttons: buttonsOf(message) } : {}),
            ...present({
              replyTo: message.replyTo && message.replyTo !== topic.root ? telegramMessageId(numberOf(message.replyTo)) : undefined,
            }),
          }),
        );
    },
    ...(account === BOT
      ? {
          tap: async (chatId: ChatId, messageId: MessageId, data: string) => {
            const { room } = nativeChat(chatId);
            const message = world.message(account, room, messageNumberOf(messageId));
            if (!message) throw new RangeError(`there is no message ${messageId}`);
            const query = world.tap({ from: ANN, message, data });
            return (await server.answered.until(({ queryId }) => queryId === query)).text ?? '';
          },
        }
      : {}),
    typing: async () => {
      const shown = await server.typing.untilCount(1);
      const calls = server.calls.items.filter(({ method }) => method === 'messages.setTyping');
      return shown.map(({ chat }, at) => {
        const call = calls[at];
        return telegramChatId(chat, call && optional(int, call.request, 'topMsgId'));
      });
    },
    stop: () => current.stop(),
  };
};

/** The stage stays until the trial is over. */
const open = async (account: 'bot' | 'user'): Promise<Opened<GatewayTrial>> => {
  const opened = Promise.withResolvers<Stage>();
  const over = Promise.withResolvers<void>();
  const played = onStage({ account }, async (stage) => {
    opened.resolve(stage);
    await over.promise;
  });
  const subject = trialOn(await opened.promise, account === 'bot' ? BOT : ACCOUNT);
  return {
    subject,
    close: async () => {
      await subject.stop();
      over.resolve();
      await played;
    },
  };
};

for (const account of ['bot', 'user'] as const)
  runContract({ describe, it }, `Telegram keeps the law of gateways as a ${account}: it`, chatGatewayContract, () => open(account));
