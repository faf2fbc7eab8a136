export { makeWebhookEventsChannel } from './events-channel.ts';
export { makeWebhookReceiver, type WebhookReceiverOptions } from './receiver.ts';
