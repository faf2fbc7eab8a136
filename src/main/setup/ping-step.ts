import { isLockHeld } from '../../adapters/system/index.ts';
import type { Config } from '../../config/index.ts';
import { commandHint } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import { pingLines } from '../ping-lines.ts';
import type { Started } from '../started.ts';
import type { Setup } from './setup.ts';

/**
 * Starts the bot as it will run, for as long as it takes to send itself a message through every gateway and to see the
 * answer delivered. Resolves to false where one fails.
 */
export const pingStep = async ({ tell }: Setup, config: Config): Promise<boolean> => {
  const { runProcess } = await import('../run-process.ts');
  let started: Started | undefined;
  const onStarted = (told: Started): void => {
    started = told;
  };
  try {
    await runProcess('bot', config, { http: false, quiet: true, ended: Promise.resolve(), onStarted });
  } catch (error) {
    if (!isLockHeld(error)) throw error;
    tell('ping', `left out: Kept runs here (PID ${error.pid}), with what it read at its start`);
    return true;
  }
  const { selfPing, telegram, standsByFor } = started ?? {};
  if (telegram !== undefined) tell('telegram', telegram);
  if (!selfPing) tell('ping', `left out: another bot answers (${standsByFor ?? 'elsewhere'})`);
  for (const [name, words] of selfPing ? pingLines(selfPing) : [])
    tell(name.trim() === 'self-ping' ? 'ping' : '', `${name.trim()}: ${words}`);
  const failed = Object.values(present({ ...selfPing })).some(({ ms }) => ms === undefined);
  if (failed && selfPing?.telegram?.ms === undefined && config.telegram) tell('', `→ ${fixOf(config.telegram)}`);
  return !failed;
};

const fixOf = ({ operatorChat, botToken }: NonNullable<Config['telegram']>): string =>
  botToken !== undefined && operatorChat !== undefined
    ? `a bot can't begin a chat: send it /start from ${operatorChat}, and run ${commandHint('init')} again`
    : `see ${commandHint('doctor')}`;
