import { present } from '../domain/shared/present.ts';
import { isPortError, PortError, type PortErrorCode } from '../ports/index.ts';

type Help = Readonly<Partial<Record<PortErrorCode, string>>>;

/** What to look at when a service fails that is asked with this key, at an address that a variable may set. */
export const serviceHelp = (key: string, addressVariable: string, baseUrl: string | undefined): Help => {
  const address = baseUrl === undefined ? undefined : `it is asked at ${baseUrl}: see ${addressVariable}`;
  return present({
    unauthorised: `see ${key}`,
    'out-of-credit': `it is paid for by the account of ${key}`,
    unavailable: address,
    timeout: address,
    'malformed-reply': address,
  });
};

/** The same question, whose failures say what an operator should look at. */
export const explained =
  <Asked extends readonly unknown[], Answer>(ask: (...asked: Asked) => Promise<Answer>, help: Help) =>
  async (...asked: Asked): Promise<Answer> => {
    try {
      return await ask(...asked);
    } catch (error) {
      const words = isPortError(error) && error.help === undefined ? help[error.code] : undefined;
      if (!isPortError(error) || words === undefined) throw error;
      throw new PortError(error.code, error.message, { ...error, help: words, cause: error });
    }
  };
