import type { WorkRef } from '../../ports/index.ts';

export type Attribute = string | number | boolean | readonly string[];
export type Attributes = Readonly<Record<string, Attribute>>;

/** By the numbers of the protocol. */
export const KINDS = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;

/** A span that has ended. Times are in ms since 1970, with fractions. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: keyof typeof KINDS;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: Attributes;
  /** What happened in it that is no span of its own, in order. */
  readonly points: readonly { readonly name: string; readonly at: number }[];
  readonly links: readonly WorkRef[];
  readonly isError: boolean;
}

/** A span that is made when it is sent: what happens meanwhile does not wait for that. */
export interface SpanDraft {
  /** How long its texts are, about, in UTF-16 units. */
  readonly length: number;
  /** Undefined where that fails. */
  readonly make: () => Span | undefined;
}
