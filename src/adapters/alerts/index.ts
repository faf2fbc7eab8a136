export type { AlertOrigin } from './alert-text.ts';
export { type AlertmanagerOptions, makeAlertmanagerChannel } from './alertmanager.ts';
export { type DeadManOptions, makeDeadManSwitch } from './dead-man.ts';
export { type EmailOptions, type MailServer, makeEmailChannels } from './email.ts';
export { makeOperatorChat, type OperatorChatOptions } from './operator-chat.ts';
export { makePagerDutyChannel, type PagerDutyOptions } from './pagerduty.ts';
export { makeSlackChannel, type SlackOptions } from './slack.ts';
export { makeWebhookChannel, type WebhookOptions } from './webhook.ts';
