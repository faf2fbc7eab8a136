/**
 * Asks Telegram's test network what the documentation leaves open: `npm run probe:telegram -- --help`, and
 * docs/how-to/ask-telegram-itself.md.
 */
import { createInterface } from 'node:readline/promises';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Prompts } from './probe-telegram/context.ts';
import { QUESTIONS } from './probe-telegram/questions/index.ts';
import type { Verdict } from './probe-telegram/report.ts';
import { runProbe } from './probe-telegram/run.ts';
import { WrongSettings } from './probe-telegram/settings.ts';

const HELP = `Asks Telegram's test network what its documentation leaves open, in about a quarter of an hour.

  npm run probe:telegram -- [--out directory] [--only 2,3] [--again]

  --out     where answers.json, answers.md and sessions.json are kept (.probe-telegram)
  --only    these questions alone
  --again   ask again what was answered before

What is not set is asked for: TELEGRAM_API_ID, TELEGRAM_API_HASH, PROBE_BOT_TOKEN (of the test network's @BotFather).
Also: PROBE_PHONE (a test number by default), PROBE_SECOND_PROXY (a second address for question 6), TELEGRAM_DC_ADDRESS,
TELEGRAM_DC_PUBLIC_KEY, TELEGRAM_PROXY, TELEGRAM_TRANSPORT, TELEGRAM_IPV6.

${QUESTIONS.map(({ number, title }) => `  ${String(number).padStart(2)}  ${title}`).join('\n')}
`;

const terminal: Prompts = {
  tell: (line) => console.log(line),
  ask: async (question) => {
    if (process.stdin.isTTY !== true) throw new WrongSettings(`nobody is here to type it, so set it: ${question}`);
    const line = createInterface({ input: process.stdin, output: process.stdout });
    try {
      return (await line.question(`${question}: `)).trim();
    } finally {
      line.close();
    }
  },
  wait: (ms) => setTimeout(ms),
};

const readArguments = () => {
  try {
    const { values } = parseArgs({
      options: {
        help: { type: 'boolean', short: 'h' },
        again: { type: 'boolean' },
        only: { type: 'string' },
        out: { type: 'string', default: '.probe-telegram' },
      },
    });
    return { ...values, only: values.only?.split(',').map(numberOf) };
  } catch (error) {
    if (error instanceof TypeError) throw new WrongSettings(error.message);
    throw error;
  }
};

const numberOf = (written: string): number => {
  const question = QUESTIONS.find(({ number }) => String(number) === written.trim());
  if (!question) throw new WrongSettings(`there is no question ${written}: --help names them`);
  return question.number;
};

try {
  const { help, out, only, again = false } = readArguments();
  if (help) console.log(HELP);
  else {
    const verdicts = await runProbe({ env: process.env, directory: out, prompts: terminal, again, ...(only ? { only } : {}) });
    const count = (wanted: Verdict['status']): number => verdicts.filter(({ status }) => status === wanted).length;
    if (count('failed') > 0) process.exitCode = 1;
    console.log(`\n${count('answered')} of ${QUESTIONS.length} are answered: ${out}/answers.md`);
  }
  process.exit();
} catch (error) {
  if (!(error instanceof WrongSettings)) throw error;
  console.error(error.message);
  process.exit(2);
}
