import { makeMemoryStorage } from '../../src/adapters/memory/index.ts';
import { makeDesk } from '../../src/application/index.ts';
import { type AccessPolicy, chatId, type PromiseSpec, promiseId, type Verdict } from '../../src/domain/index.ts';
import { buildOutboxDraft, buildPromise, buildRecord, telegramMessage } from '../../src/testing/index.ts';
import { makeScriptedApi } from './http-api.ts';

/** The scripted api with the real desk over stores in memory, and hands to fill them. */
export const makeDeskApi = (policy: Pick<AccessPolicy, 'workspaces'> = { workspaces: [] }) => {
  const scripted = makeScriptedApi();
  const { stores } = makeMemoryStorage();
  let promises = 0;
  const desk = makeDesk({ stores, policy, getSteps: async (id) => (await stores.journal.ofPromise(id, 5)).flatMap(({ steps }) => steps) });
  Object.assign(scripted.api, desk, {
    getPromise: stores.promises.get,
    listPromises: async ({ limit = 50, ...filter }: Parameters<typeof stores.promises.find>[0]) =>
      stores.promises.find({ ...filter, newestFirst: true, limit }),
  });
  return {
    ...scripted,
    scripted,
    stores,
    /** Somebody wrote in that chat. */
    came: (
      chat: string,
      message: number,
      { text = 'Hello', at = Date.now(), title, verdict }: { text?: string; at?: number; title?: string; verdict?: Verdict } = {},
    ) => {
      const record = buildRecord(
        { chatId: chatId(chat), messageId: telegramMessage(message), text },
        { receivedAt: at, ...(verdict ? { verdict } : {}) },
      );
      const of = {
        ...record.message.chat,
        kind: chat.includes('-') ? ('group' as const) : ('direct' as const),
        ...(title ? { title } : {}),
      };
      return stores.messages.add({ ...record, message: { ...record.message, chat: of } });
    },
    /** Kept said something there. */
    said: (chat: string, text: string, at = Date.now(), about: Partial<Parameters<typeof buildOutboxDraft>[0]> = {}) =>
      stores.outbox.add(
        buildOutboxDraft({ chatId: chatId(chat), text, answers: [], createdAt: at, dedupeKey: `${chat} ${at} ${text}`, ...about }),
      ),
    made: async (description: string, terms: Partial<PromiseSpec> = {}) => {
      const promise = buildPromise({ id: promiseId(++promises), description, createdAt: Date.now(), ...terms });
      await stores.promises.add([promise]);
      scripted.changed();
      return promise;
    },
  };
};
