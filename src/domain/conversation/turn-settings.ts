/** What bounds a turn. */
export interface TurnSettings {
  /** How long a reply may take before the work goes on as a promise. */
  readonly replyTimeoutMs: number;
  /** The most steps of a conversation that a model is shown. */
  readonly maxHistory: number;
  readonly maxHistoryTokens: number;
}

/** The settings that are given, and the defaults of the others: the only place where these defaults stand. */
export const turnSettings = ({
  replyTimeoutMs = 30_000,
  maxHistory = 50,
  maxHistoryTokens = 60_000,
}: { readonly [K in keyof TurnSettings]?: TurnSettings[K] | undefined } = {}): TurnSettings => ({
  replyTimeoutMs,
  maxHistory,
  maxHistoryTokens,
});
