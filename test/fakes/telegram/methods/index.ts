import { AUTH_METHODS } from './auth.ts';
import type { OpenMethod, UserMethod } from './call.ts';
import { CHANNEL_METHODS } from './channels.ts';
import { FORUM_METHODS } from './forums.ts';
import { GROUP_METHODS } from './groups.ts';
import { HELP_METHODS } from './help.ts';
import { HISTORY_METHODS } from './history.ts';
import { LOGIN_METHODS } from './login.ts';
import { LOGIN_TOKEN_METHODS, SCAN_METHODS } from './login-token.ts';
import { MEDIA_METHODS } from './media.ts';
import { SENDING_METHODS } from './sending.ts';
import { THREAD_METHODS } from './threads.ts';
import { UPDATES_METHODS } from './updates.ts';
import { USER_METHODS } from './users.ts';

/** Methods that need no login. */
export const OPEN_METHODS: Readonly<Record<string, OpenMethod>> = {
  ...AUTH_METHODS,
  ...LOGIN_METHODS,
  ...LOGIN_TOKEN_METHODS,
  ...HELP_METHODS,
};

export const USER_ONLY_METHODS: Readonly<Record<string, UserMethod>> = {
  ...UPDATES_METHODS,
  ...USER_METHODS,
  ...SENDING_METHODS,
  ...HISTORY_METHODS,
  ...CHANNEL_METHODS,
  ...GROUP_METHODS,
  ...FORUM_METHODS,
  ...THREAD_METHODS,
  ...MEDIA_METHODS,
  ...SCAN_METHODS,
};
