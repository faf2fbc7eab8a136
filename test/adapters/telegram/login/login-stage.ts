import { systemClock, systemRandomness } from '../../../../src/adapters/system/index.ts';
import { loginByQr, loginUser, type TelegramSelf } from '../../../../src/adapters/telegram/index.ts';
import { type Clock, isPortError, type PortError } from '../../../../src/ports/index.ts';
import { makeRecordingLogger } from '../../../../src/testing/index.ts';
import { logged } from '../../../support/logged.ts';
import type { Stage } from '../gateway-stage.ts';

export const PHONE = '+999 66';
export const PASSWORD = 'correct horse';

/** What the person does before they answer a question. */
type Meanwhile = (question: string) => Promise<void> | void;

export const login = async (
  { settings, state }: Stage,
  answers: { codes: string[]; passwords?: string[] },
  meanwhile: Meanwhile = () => undefined,
) => {
  const logger = makeRecordingLogger();
  const asked: unknown[] = [];
  const next = (list: string[] | undefined): string => list?.shift() ?? '';
  try {
    const self = await loginUser({
      settings,
      state,
      clock: systemClock,
      randomness: systemRandomness,
      events: logged(logger),
      phone: PHONE,
      askCode: async (question) => {
        asked.push(question);
        await meanwhile('code');
        return next(answers.codes);
      },
      askPassword: async (question) => {
        asked.push(question);
        await meanwhile('password');
        return next(answers.passwords);
      },
    });
    return { self, asked, log: JSON.stringify(logger.lines) };
  } catch (error) {
    if (!isPortError(error)) throw error;
    return { error: error as PortError, asked, log: JSON.stringify(logger.lines) };
  }
};

/** A sign-in by QR code. `shown` is called with the link of each code, and with how many have been shown. */
export const loginByScan = async (
  { settings, state }: Pick<Stage, 'settings' | 'state'>,
  shown: (link: string, count: number) => void,
  { passwords = [], clock = systemClock }: { readonly passwords?: string[]; readonly clock?: Clock } = {},
): Promise<{
  readonly self?: TelegramSelf;
  readonly error?: PortError;
  readonly links: readonly string[];
  readonly asked: readonly unknown[];
  readonly log: string;
}> => {
  const logger = makeRecordingLogger();
  const links: string[] = [];
  const left = [...passwords];
  const asked: unknown[] = [];
  const told = () => ({ links, asked, log: JSON.stringify(logger.lines) });
  try {
    const self = await loginByQr({
      settings,
      state,
      clock,
      randomness: systemRandomness,
      events: logged(logger),
      showCode: (link) => {
        links.push(link);
        shown(link, links.length);
      },
      askPassword: async (question) => {
        asked.push(question);
        return left.shift() ?? '';
      },
    });
    return { self, ...told() };
  } catch (error) {
    if (!isPortError(error)) throw error;
    return { error: error as PortError, ...told() };
  }
};

export const codeOf = ({ server }: Stage): string => server.world.loginCode(PHONE);

/** A person's account that has not logged in yet. */
export const options = { account: 'user', preset: false } as const;
