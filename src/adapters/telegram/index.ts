export * from './gateway.ts';
export * from './login/login-user.ts';
export type { FileSettings } from './media/files.ts';
export type { DcSettings, TelegramAccount, TelegramSelf, TelegramSettings, TelegramTiming } from './settings.ts';
