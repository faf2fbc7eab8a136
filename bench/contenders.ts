import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KEPT } from '../test/support/kept-process.ts';
import { addCrowd } from '../test/support/telegram-crowd.ts';
import { BOT, type TelegramSite } from '../test/support/telegram-site.ts';

/** A bot that answers with an echo, in a process of its own. */
export interface Contender {
  readonly name: string;
  readonly bot: number;
  readonly pid: number;
  /** Who writes to it, and to no other. */
  readonly people: readonly number[];
  stop(): Promise<void>;
}

export interface Contenders {
  readonly kept: Contender;
  /** Kept without Telegram's manners. */
  readonly unhurried: Contender;
  readonly bare: Contender;
}

const start = async (name: string, program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<ChildProcess> => {
  const child = fork(program, args, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const exited = once(child, 'exit').then(() => undefined);
  if (!(await Promise.race([once(child, 'message'), exited]))) throw new Error(`${name} did not start`);
  return child;
};

/** Starts them all on the site's server, each with a bot's account of its own and `people` to write to it. */
export const startContenders = async (site: TelegramSite, people: number): Promise<Contenders> => {
  const { server, env } = site;
  const account = (id: number, username: string) => {
    const token = `${id}:${'b'.repeat(35)}`;
    server.world.addUser({ id, username, isBot: true, token });
    return { id, token };
  };
  const [unhurried, bare] = [account(BOT + 1, 'unhurried_bot'), account(BOT + 2, 'bare_bot')];
  const crowd = await addCrowd(site, { people: 3 * people, supergroups: 0 });
  const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

  const started: ChildProcess[] = [];
  const enter = async (
    name: string,
    bot: number,
    program: string,
    args: readonly string[],
    more: NodeJS.ProcessEnv,
  ): Promise<Contender> => {
    const at = started.length;
    const child = await start(name, program, args, more);
    started.push(child);
    const stop = async (): Promise<void> => {
      const exited = once(child, 'exit');
      if (child.exitCode === null && child.signalCode === null && child.kill()) await exited;
    };
    return { name, bot, pid: child.pid ?? 0, people: crowd.people.slice(at * people, (at + 1) * people), stop };
  };
  try {
    return {
      kept: await enter('Kept', BOT, KEPT, ['start'], env),
      unhurried: await enter('Kept', unhurried.id, here('unhurried-kept.ts'), [], {
        ...env,
        KEPT_DATA_DIR: join(site.root, 'unhurried'),
        TELEGRAM_BOT_TOKEN: unhurried.token,
      }),
      bare: await enter('bare client', bare.id, here('bare-echo.ts'), [], {
        PATH: env.PATH,
        BENCH_HOST: server.host,
        BENCH_PORT: `${server.port}`,
        BENCH_DC: `${server.dcId}`,
        BENCH_TOKEN: bare.token,
        BENCH_KEY: await server.publicKeyPem(),
        BENCH_FINGERPRINT: `${await server.publicKeyFingerprint()}`,
      }),
    };
  } catch (error) {
    for (const child of started) child.kill();
    throw error;
  }
};
