/** A documented rule of an API that a request breaks. */
export interface BrokenRule {
  /** Short and stable: what a test of the fake itself looks for. */
  readonly rule: string;
  /** Where, and what is wrong there, as the API says it. */
  readonly message: string;
}

/** One request as it goes over the wire. */
export interface SentRequest {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON. */
  readonly body: unknown;
}
