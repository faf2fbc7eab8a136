export * from './local-chat.ts';
export type { LocalChatEvent } from './subscriptions.ts';
