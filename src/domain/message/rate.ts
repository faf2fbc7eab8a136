/** In which so many messages of one person are answered. */
export const RATE_WINDOW_MS = 60_000;
/** How many, where configuration says nothing else. */
export const DEFAULT_PERSON_MESSAGES_PER_MINUTE = 60;

/** A message is one more of a person than is answered. */
export interface OverRate {
  readonly perMinute: number;
  /** Names the window in which the person is told once. */
  readonly toldKey: string;
  /** From then on, in ms since 1970, they are answered again. */
  readonly againAt: number;
}

/** What the person is told, once in a window. */
export const overRateText = ({ perMinute, againAt }: Pick<OverRate, 'perMinute' | 'againAt'>, now: number): string =>
  `You have asked more than ${perMinute} times within a minute. I answer you again in ${Math.max(1, Math.ceil((againAt - now) / 1000))} s. What you write until then is remembered, and not answered.`;
