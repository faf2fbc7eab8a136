// Your own model and your own store in the place of ours.
// Prints: operator: Two tickets, please
// Prints: agent: I remember 0 steps.
import * as kept from 'kept';
import { makeLocalChat } from 'kept/adapters/local-chat';
import { makeMemoryStorage } from 'kept/adapters/memory';
import { systemClock as clock, systemRandomness as randomness } from 'kept/adapters/system';

const steps: kept.ConversationEntry[] = [];
const append = async (added: readonly kept.ConversationEntry[]) => void steps.push(...added);
const conversations: kept.ConversationStore = { append, recent: async () => steps, forget: async () => void steps.splice(0) };
const reply = { toolCalls: [], stop: 'end', usage: kept.NO_USAGE, model: 'echo' } as const;
const model: kept.LanguageModel = { name: 'mine/echo', respond: async () => ({ ...reply, text: `I remember ${steps.length} steps.` }) };

const storage = kept.withStores(makeMemoryStorage(), { conversations });
const parts = { ...storage, clock, randomness, logger: kept.silentLogger };
const chat = makeLocalChat(parts);
const agent = kept.makeKept({ ...parts, storage, model, gateways: [chat], policy: kept.operatorOnly(process.cwd()) });
await agent.start();
await chat.post(kept.DEFAULT_LOCAL_CHAT, 'Two tickets, please');
await new Promise((shown) => chat.subscribe(kept.DEFAULT_LOCAL_CHAT, (event) => event.type === 'message' && shown(event), 1));
for (const { from, text } of await chat.list(kept.DEFAULT_LOCAL_CHAT, 0, 10)) console.log(`${from}: ${text}`);
await agent.stop();
