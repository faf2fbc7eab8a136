// In this order: what loads the client library stands between the two.
import './hide-web-storage.ts';

export * from './gateway.ts';
export * from './login/login-user.ts';
export type { CodeChannel, CodeQuestion, PasswordQuestion } from './login/questions.ts';
export { reachTelegram } from './reach.ts';
export type { DcSettings, FileSettings, TelegramAccount, TelegramSelf, TelegramSettings, TelegramTiming } from './settings.ts';

import './show-web-storage.ts';
