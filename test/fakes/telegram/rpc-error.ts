/** The error that a method answers instead of a result (https://core.telegram.org/api/errors). */
export class RpcError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const CODES: readonly (readonly [pattern: RegExp, code: number])[] = [
  [/^(FLOOD_WAIT|FLOOD_PREMIUM_WAIT|SLOWMODE_WAIT|FLOOD_TEST_PHONE_WAIT)_\d+$/, 420],
  [/_MIGRATE_\d+$/, 303],
  [
    /^(AUTH_KEY_UNREGISTERED|AUTH_KEY_INVALID|USER_DEACTIVATED|USER_DEACTIVATED_BAN|SESSION_REVOKED|SESSION_EXPIRED|SESSION_PASSWORD_NEEDED)$/,
    401,
  ],
  [/^(CHAT_WRITE_FORBIDDEN|USER_IS_BLOCKED|MESSAGE_AUTHOR_REQUIRED|CHAT_ADMIN_REQUIRED|BOT_ACCESS_FORBIDDEN)$|_FORBIDDEN$/, 403],
  [/^(AUTH_KEY_DUPLICATED|SEND_CODE_UNAVAILABLE|PHONE_NUMBER_INVALID|PHONE_PASSWORD_FLOOD|UPDATE_APP_TO_LOGIN)$/, 406],
  [/^AUTH_RESTART/, 500],
  [/^FROZEN_METHOD_INVALID$/, 420],
  [/^(RANDOM_ID_DUPLICATE|RPC_CALL_FAIL|RPC_MCGET_FAIL|INTERNAL|WORKER_BUSY_TOO_LONG_RETRY|MSG_WAIT_FAILED)$|TEMPORARILY_UNAVAILABLE/, 500],
];

/** The error of that name, with the code that Telegram gives it. */
export const rpcError = (message: string): RpcError => new RpcError(CODES.find(([pattern]) => pattern.test(message))?.[1] ?? 400, message);
