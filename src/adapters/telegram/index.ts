// In this order: what loads the client library stands between the two.
import './client/hide-web-storage.ts';

export { reachTelegram } from './client/reach.ts';
export type { DcSettings, FileSettings, TelegramAccount, TelegramSelf, TelegramSettings, TelegramTiming } from './client/settings.ts';
export type { GroupRights, TelegramRights } from './client/telegram-rights.ts';
export * from './gateway.ts';
export * from './login/bot-setup.ts';
export * from './login/login-by-qr.ts';
export * from './login/login-user.ts';
export type { CodeChannel, CodeQuestion, PasswordQuestion } from './login/questions.ts';

import './client/show-web-storage.ts';
