/**
 * Finds pages of the web. It reads, and changes nothing.
 *
 * MUST end soon after `signal` aborts, and within half a minute whatever the other side does: nothing, a part of an
 * answer, an answer without an end. MUST reject with PortError, in words that hold no key.
 */
export interface WebSearch {
  /**
   * Results, the best first, at most `limit`. MUST give only pages that the service returned, each with its own address
   * on http or https. Nothing found is an empty list.
   */
  search(query: WebQuery, options: { readonly signal: AbortSignal }): Promise<readonly WebResult[]>;
}

export interface WebQuery {
  readonly text: string;
  /** 1 to 10. */
  readonly limit: number;
  /** Only pages of this last while. Absent: of any age. */
  readonly since?: WebAge;
  /** Only pages of these hosts, such as `example.org`. Absent: of any. */
  readonly hosts?: readonly string[];
}

export const WEB_AGES = ['day', 'week', 'month', 'year'] as const;
export type WebAge = (typeof WEB_AGES)[number];

export interface WebResult {
  readonly title: string;
  readonly url: string;
  /** What stands there, as far as it is about the query; may be empty. */
  readonly snippet: string;
  /** As the service says it, usually `2026-11-30`. */
  readonly date?: string;
}
