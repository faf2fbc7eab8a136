import type { CodeChannel, CodeQuestion, PasswordQuestion } from '../adapters/telegram/index.ts';
import { oneLine } from '../adapters/terminal/index.ts';

/** Where the person finds the code. */
const FOUND: Readonly<Record<CodeChannel, (question: CodeQuestion) => string>> = {
  app: () => 'The code that Telegram sent to your other devices',
  sms: () => 'The code that Telegram sent you by SMS',
  'sms-word': ({ detail }) => `The word that Telegram sent you by SMS${begins(detail)}`,
  'sms-phrase': ({ detail }) => `The words that Telegram sent you by SMS${begins(detail)}`,
  call: () => 'The code that Telegram tells you in a telephone call',
  'flash-call': ({ detail }) => `Telegram calls you and hangs up: the whole number that called${detail ? ` (${detail})` : ''}`,
  'missed-call': ({ detail, length }) =>
    `Telegram calls you and hangs up: the last ${length ?? 'few'} digits of the number that called${detail ? ` (${detail}…)` : ''}`,
  email: ({ detail }) => `The code that Telegram sent by e-mail${detail ? ` to ${detail}` : ''}`,
  fragment: ({ detail }) => `The code that waits for you at ${detail ?? 'https://fragment.com'}`,
  other: () => 'The code that Telegram sent to you',
};

const begins = (beginning: string | undefined): string => (beginning ? ` (beginning with “${beginning}”)` : '');

/** The channel of the next code. */
const OTHER: Readonly<Record<CodeChannel, string>> = {
  app: 'one in your other devices',
  sms: 'one by SMS',
  'sms-word': 'a word by SMS',
  'sms-phrase': 'words by SMS',
  call: 'a telephone call',
  'flash-call': 'a short telephone call',
  'missed-call': 'a short telephone call',
  email: 'one by e-mail',
  fragment: 'one at fragment.com',
  other: 'another one',
};

/** The question as the terminal shows it. Text from Telegram is shown as plain text. */
export const codeQuestion = (question: CodeQuestion): string => {
  const { retry, anew, again, noOther, sentTo } = question;
  const before = [
    ...(anew ? ['Telegram has begun anew and sent another code.'] : []),
    ...(noOther ? ['Telegram sends no other code now.'] : []),
    ...(retry ? ['That was not it.'] : []),
  ];
  const when = again && again.inMs > 0 ? `, ${Math.ceil(again.inMs / 1000)} s from now,` : '';
  const other = again ? ` (Enter alone${when} for ${OTHER[again.by]})` : '';
  return asked([...before, `${FOUND[sentTo](question)}${other}`].join(' '));
};

export const passwordQuestion = ({ hint, retry }: PasswordQuestion): string =>
  asked(`${retry ? 'That was not it. ' : ''}Your two-step password${hint === undefined ? '' : ` (hint: ${hint})`}`);

const asked = (text: string): string => `${oneLine(text)}: `;
