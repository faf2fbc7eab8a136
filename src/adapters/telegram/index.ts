// In this order: what loads the client library stands between the two.
import './hide-web-storage.ts';

export * from './gateway.ts';
export type { CodeChannel, CodeQuestion } from './login/code.ts';
export * from './login/login-user.ts';
export type { PasswordQuestion } from './login/second-factor.ts';
export { reachTelegram } from './reach.ts';
export type { DcSettings, FileSettings, TelegramAccount, TelegramSelf, TelegramSettings, TelegramTiming } from './settings.ts';

import './show-web-storage.ts';
