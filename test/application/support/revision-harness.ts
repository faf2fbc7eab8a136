import { toChatMessages } from '../../../src/adapters/openai/conversation.ts';
import { makeExplainMessage } from '../../../src/application/inbox/explain-message.ts';
import { type ChatId, type DeletedMessages, type IncomingMessage, nativeId } from '../../../src/domain/index.ts';
import type { ReadMessage } from '../../../src/ports/index.ts';
import type { MessageOverrides } from '../../../src/testing/index.ts';
import { buildMessage, GROUP, makeScriptedModel, START, telegramMessage, telegramUser } from '../../../src/testing/index.ts';
import { withoutNotes } from '../../support/without-notes.ts';
import { makeGate } from './gate.ts';
import { makeProcess, makeWorld } from './harness.ts';

export const running = new AbortController().signal;
export const BOB = { id: telegramUser(502), displayName: 'Bob', kind: 'person' } as const;
export const MINUTE = 60_000;
/** Telegram's basic groups and direct chats: its word of a deletion names none of them. */
export const sharing = (chatId: ChatId): boolean => !nativeId(chatId).startsWith('-100');
export const ids = (...raw: number[]) => raw.map((id) => telegramMessage(id));
export const inGroup = (n: number, text: string, more: MessageOverrides = {}): IncomingMessage =>
  buildMessage({ chatId: GROUP, chatKind: 'group', messageId: telegramMessage(n), sender: BOB, text, ...more });
export const asking = (n: number, text: string, more: MessageOverrides = {}): IncomingMessage =>
  inGroup(n, text, { addressedTo: 'us', ...more });
export const edited = (message: IncomingMessage, text: string, more: MessageOverrides = {}): IncomingMessage => ({
  ...message,
  text,
  edited: true,
  editedAt: START + MINUTE,
  ...more,
});

export const stage = () => {
  const world = makeWorld();
  const model = makeScriptedModel(Array.from({ length: 5 }, (_, i) => ({ text: `Answer ${i + 1}.` })));
  const process = makeProcess(world, { model });
  const { stores } = world.storage;
  return {
    world,
    model,
    process,
    stores,
    receive: async (...messages: readonly IncomingMessage[]): Promise<void> => {
      for (const message of messages) await process.receive(message);
    },
    erase: (deleted: DeletedMessages): Promise<void> => process.erase(deleted),
    answer: (chat = GROUP): Promise<boolean> => process.answerChat(chat, running),
    /** What a model was told last, as one text. */
    told: (): string =>
      toChatMessages('', withoutNotes(model.requests.at(-1)?.conversation))
        .map(({ content }) => content)
        .join('\n\n'),
    record: (id: number, chat = GROUP) => stores.messages.get(chat, telegramMessage(id)),
    explained: async (id: number): Promise<string> =>
      (await makeExplainMessage({ stores })(GROUP, telegramMessage(id)))?.lines.join('\n') ?? '',
  };
};

/** A process whose model waits until it is let go on, by what it was told of the message that is replied to. */
export const slow = (readReplied: () => Promise<ReadMessage | undefined> = async () => undefined) => {
  const world = makeWorld();
  const gate = makeGate<string>();
  const usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
  const process = makeProcess(world, {
    gateways: [{ ...world.gateway, readReplied }],
    model: {
      name: 'held/held-1',
      respond: async ({ conversation }, { signal }) => {
        const last = withoutNotes(conversation).at(-1);
        await gate.hold((last?.role === 'person' && last.replied?.text) || 'can not be seen', signal);
        return { text: 'Yes.', toolCalls: [], stop: 'end', usage, model: 'held-1' };
      },
    },
  });
  return { world, process, gate };
};
