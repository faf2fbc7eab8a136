import { systemClock, systemRandomness } from '../../../../src/adapters/system/index.ts';
import { loginUser } from '../../../../src/adapters/telegram/index.ts';
import { isPortError, type PortError } from '../../../../src/ports/index.ts';
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

export const codeOf = ({ server }: Stage): string => server.world.loginCode(PHONE);

/** A person's account that has not logged in yet. */
export const options = { account: 'user', preset: false } as const;
