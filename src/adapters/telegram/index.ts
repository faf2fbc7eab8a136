export * from './gateway.ts';
export * from './login/login-user.ts';
export { reachTelegram } from './reach.ts';
export type { DcSettings, FileSettings, TelegramAccount, TelegramSelf, TelegramSettings, TelegramTiming } from './settings.ts';
