/**
 * A Telegram for tests, on loopback: the protocol, a world of users and chats, and faults on demand. README.md shows
 * how to use it.
 *
 *     await using server = await startMtprotoServer();
 *     const ada = server.world.addUser({ id: 1001, username: 'ada_lovelace' });
 *     const bot = server.world.addUser({ id: 7000, username: 'kept_bot', isBot: true, token: '7000:x' });
 *     const { authKey, host, port, dcId } = server.presetSession(bot.id);
 *     server.world.sendMessage({ from: ada.id, chat: bot.id, text: 'ping' });
 *     server.faults.cutAfter('messages.sendMessage');
 *     const answer = await server.sent.until(({ text }) => text === 'pong');
 *     server.assertClean();
 *
 * Usernames have at least five letters, and ids of supergroups ten digits: clients take others for something else.
 */
export type { Door } from './door.ts';
export type { Faults, Hold } from './faults.ts';
export type { FloodBudget } from './flood-budgets.ts';
export type { AnsweredTap, EditedMessage, Reaction, RecordedCall, SentMessage, ShownAction } from './methods/call.ts';
export type { MtprotoServer, PresetSession, ServerOptions } from './mtproto-server.ts';
export type { Recorder } from './recorder.ts';
export { startMtprotoServer } from './server.ts';
export type { TlObject, TlValue } from './tl/value.ts';
export type { NewGroup } from './world/groups.ts';
export type { MediaDraft, NewMessage } from './world/new-message.ts';
export type { Group, Message, Topic, User } from './world/state.ts';
export { buttonsOf } from './world/taps.ts';
export type { TopicChange } from './world/topics.ts';
export type { NewUser, World } from './world/world.ts';
