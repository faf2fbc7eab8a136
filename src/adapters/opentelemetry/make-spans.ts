import { randomBytes } from 'node:crypto';
import { excerpt, type KeptEvent, present } from '../../domain/index.ts';
import type { Clock, Content, EndedScope, ObservedCorrelation, Redact, WorkScope } from '../../ports/index.ts';
import { CONTENT, contentAttributes } from './content.ts';
import { spanOf } from './event-spans.ts';
import type { Attribute, Attributes, Span } from './span.ts';
import { NOTHING_NOTED, type Noted, notedAfter, WORK_SPANS } from './work-spans.ts';

/** No name and no number needs more. */
const MAX_TEXT = 256;
const MAX_ITEMS = 32;

/** Which content comes right before an event. */
const CONTENT_OF: Readonly<Partial<Record<KeptEvent['type'], Content['type']>>> = {
  'model-responded': 'model-content',
  'tool-called': 'tool-content',
};

/**
 * Makes spans: one of each scope, as it ends, and one of each event that tells of something that took time. What
 * happens outside of any scope came of no message, and is no span.
 */
export const makeSpans = ({
  correlation,
  clock,
  add,
  redact,
}: {
  readonly correlation: Pick<ObservedCorrelation, 'current'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly add: (span: Span) => void;
  readonly redact: Redact;
}) => {
  const notes = new WeakMap<WorkScope, Noted>();

  /** The content of the call whose event comes next in that work; of a request without a reply, until the work ends. */
  const contents = new WeakMap<WorkScope, { readonly type: Content['type']; readonly attributes: Attributes }>();
  const onContent = (content: Content): void => {
    const scope = correlation.current();
    if (scope) contents.set(scope, { type: content.type, attributes: contentAttributes(content, redact) });
  };
  const takeContent = (scope: WorkScope, event: KeptEvent): Attributes | undefined => {
    const content = contents.get(scope);
    if (!content || content.type !== CONTENT_OF[event.type]) return undefined;
    contents.delete(scope);
    return content.attributes;
  };

  const onEvent = (event: KeptEvent): void => {
    const scope = correlation.current();
    if (!scope) return;
    const now = clock.now();
    const noted = notes.get(scope) ?? NOTHING_NOTED;
    const after = notedAfter(noted, scope, event, now);
    if (after !== noted) notes.set(scope, after);
    const span = spanOf(event);
    if (!span) return;
    const { durationMs, attributes, name, ...rest } = span;
    add({
      ...rest,
      name: excerpt(name, MAX_TEXT),
      attributes: bounded({ ...attributes, ...takeContent(scope, event) }),
      traceId: scope.correlationId,
      spanId: randomBytes(8).toString('hex'),
      parentSpanId: scope.spanId,
      // NaN is none.
      startedAt: now - Math.max(0, durationMs || 0),
      endedAt: now,
      points: [],
      links: [],
    });
  };

  const onEnd = ({ scope, startedAt, durationMs, isFailed }: EndedScope): void => {
    const { name, kind, attributes } = WORK_SPANS[scope.name];
    const noted = notes.get(scope) ?? NOTHING_NOTED;
    // A message that was not received is handed over again: that is its span.
    if (noted.isLeftOut || (isFailed && scope.name === 'receive')) return;
    add({
      name: excerpt(name(scope), MAX_TEXT),
      kind,
      traceId: scope.correlationId,
      spanId: scope.spanId,
      ...present({ parentSpanId: scope.parentSpanId }),
      startedAt,
      endedAt: startedAt + durationMs,
      attributes: bounded({ ...attributes?.(scope), ...noted.attributes, ...contents.get(scope)?.attributes }),
      points: noted.points,
      links: scope.links ?? [],
      isError: noted.isError || isFailed,
    });
  };

  return { onEvent, onEnd, onContent };
};

const bounded = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, CONTENT.has(key) ? value : boundedValue(value)]));

const boundedValue = (value: Attribute): Attribute => {
  if (typeof value === 'string') return excerpt(value, MAX_TEXT);
  return typeof value === 'object' ? value.slice(0, MAX_ITEMS).map((item) => excerpt(item, MAX_TEXT)) : value;
};
