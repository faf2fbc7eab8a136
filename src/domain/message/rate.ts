import type { CommandName } from './command.ts';

/** In which so many messages of one person are answered. */
export const RATE_WINDOW_MS = 60_000;
/** How many, where configuration says nothing else. */
export const DEFAULT_PERSON_MESSAGES_PER_MINUTE = 60;

/** How many of one person's `/stop`s, `/cancel`s, `/approve`s and `/deny`s are answered in a chat, each on its own. */
export const URGENT_PER_MINUTE = 10;

/** A message is one more of a person than is answered. */
export interface OverRate {
  readonly perMinute: number;
  /** Absent: it is counted among all messages of the person. */
  readonly command?: CommandName;
  /** Names the window in which the person is told once. */
  readonly toldKey: string;
  /** From then on, in ms since 1970, they are answered again. */
  readonly againAt: number;
}

/** What the person is told, once in a window. */
export const overRateText = ({ perMinute, againAt, command }: Omit<OverRate, 'toldKey'>, now: number): string => {
  const deed = command === undefined ? 'asked' : `written /${command} here`;
  const times = perMinute === 1 ? 'once' : `${perMinute} times`;
  return `You have ${deed} more than ${times} within a minute. I answer ${command === undefined ? 'you' : 'it'} again in ${Math.max(1, Math.ceil((againAt - now) / 1000))} s. What you write until then is remembered, and not answered.`;
};
