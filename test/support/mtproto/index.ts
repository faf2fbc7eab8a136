export type { Faults, Hold } from './faults.ts';
export type { EditedMessage, Reaction, RecordedCall, SentMessage, ShownAction } from './methods/call.ts';
export type { Recorder } from './recorder.ts';
export { type MtprotoServer, type PresetSession, type ServerOptions, startMtprotoServer } from './server.ts';
export type { TlObject, TlValue } from './tl/value.ts';
export type { Group, Message, User } from './world/state.ts';
export type { MediaDraft, NewGroup, NewMessage, NewUser, World } from './world/world.ts';
