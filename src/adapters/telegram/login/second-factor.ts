import { computeCheck } from 'telegram/Password.js';
import { Api } from 'telegram/tl/index.js';
import { PortError } from '../../../ports/index.ts';
import { rpcErrorOf } from '../client/errors.ts';
import { heedFlood } from '../client/flood-waits.ts';
import type { Call } from '../client/link.ts';
import type { TelegramBase } from '../client/settings.ts';
import type { PasswordQuestion } from './questions.ts';

const ATTEMPTS = 3;

/** Asks for the account's password, and enters it. Rejects with PortError `unauthorised` after three wrong ones. */
export const enterPassword = async (
  base: TelegramBase,
  call: Call,
  askPassword: (question: PasswordQuestion) => Promise<string>,
): Promise<void> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { hint } = await call(new Api.account.GetPassword());
    const password = await askPassword({ retry: attempt > 0, ...(hint ? { hint } : {}) });
    if (await isRight(base, call, password)) return;
  }
  throw new PortError('unauthorised', 'the password was wrong three times', { retryable: false });
};

/** How often the parameters of a check may go stale under it. */
const STALE = 3;

const isRight = async (base: TelegramBase, call: Call, password: string): Promise<boolean> => {
  for (let trial = 1; ; trial++) {
    try {
      // Each check has parameters of its own, which are good for a short time: those from before the person typed may
      // be stale.
      const check = await computeCheck(await call(new Api.account.GetPassword()), password);
      await heedFlood(base, 'login', () => call(new Api.auth.CheckPassword({ password: check })));
      return true;
    } catch (error) {
      const name = rpcErrorOf(error);
      if (name === 'PASSWORD_HASH_INVALID' || name === 'SRP_PASSWORD_CHANGED') return false;
      if (name !== 'SRP_ID_INVALID' || trial === STALE) throw error;
    }
  }
};
