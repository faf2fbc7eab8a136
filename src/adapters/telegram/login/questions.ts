/** How a login code comes to its person. */
export type CodeChannel =
  | 'app'
  | 'sms'
  | 'sms-word'
  | 'sms-phrase'
  | 'call'
  | 'flash-call'
  | 'missed-call'
  | 'email'
  | 'fragment'
  | 'other';

/** What the person at the keyboard is asked for. */
export interface CodeQuestion {
  readonly sentTo: CodeChannel;
  /**
   * What helps to find it: the pattern of the e-mail address, how the word or the number of the caller begins, the
   * address of the page.
   */
  readonly detail?: string;
  /** How many digits of the caller's number are the code. */
  readonly length?: number;
  /** The last answer was wrong. */
  readonly retry: boolean;
  /** Telegram has started the sign-in again: the earlier code is not valid any more. */
  readonly anew?: true;
  /** An empty answer asks for another code, by that channel and not before `inMs`. */
  readonly again?: { readonly by: CodeChannel; readonly inMs: number };
  /** Another code was wished for, and Telegram sends none: the one from before still counts. */
  readonly noOther?: true;
}

/** That the account's own password is asked for, after the code. */
export interface PasswordQuestion {
  /** The account's own. */
  readonly hint?: string;
  /** The last one was wrong. */
  readonly retry: boolean;
}
