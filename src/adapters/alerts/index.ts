export { type DeadManOptions, makeDeadManSwitch } from './dead-man.ts';
export { makeOperatorChat, type OperatorChatOptions } from './operator-chat.ts';
export { makeWebhookChannel, type WebhookOptions } from './webhook.ts';
