import { randomBytes } from 'node:crypto';
import { excerpt, type KeptEvent, present } from '../../domain/index.ts';
import type { Clock, Content, EndedScope, ObservedCorrelation, Redact, WorkScope } from '../../ports/index.ts';
import { CONTENT, contentAttributes } from './content.ts';
import { isSpan, spanOf } from './event-spans.ts';
import type { Attribute, Attributes, Span, SpanDraft } from './span.ts';
import { isLeftOut, NOTHING_NOTED, type Noted, notedAfter, WORK_SPANS } from './work-spans.ts';

/** No name and no number needs more. */
const MAX_TEXT = 256;
const MAX_ITEMS = 32;

/** Which content comes right before an event. */
const CONTENT_OF: Readonly<Partial<Record<KeptEvent['type'], Content['type']>>> = {
  'model-responded': 'model-content',
  'tool-called': 'tool-content',
};

/** More events of one piece of work are put together as they come. */
const MAX_HEARD = 64;

/** Names and numbers take so much of a span, about. */
const PLAIN_LENGTH = 512;
/** And each event that is kept until then. */
const EVENT_LENGTH = 256;

/** What has happened in a piece of work so far. */
interface Heard {
  noted: Noted;
  /** What comes behind it. */
  events: { readonly event: KeptEvent; readonly at: number }[];
  isLeftOut: boolean;
}

const hearNothing = (): Heard => ({ noted: NOTHING_NOTED, events: [], isLeftOut: false });

interface Said {
  readonly type: Content['type'];
  readonly attributes: Attributes;
}

/**
 * Makes drafts of spans: one of each scope, as it ends, and one of each event that tells of something that took time.
 * What happens outside of any scope came of no message, and is no span.
 */
export const makeSpans = ({
  correlation,
  isSampled,
  clock,
  add,
  redact,
}: {
  readonly correlation: Pick<ObservedCorrelation, 'current'>;
  /** Whether spans of that trace are made. */
  readonly isSampled: (traceId: string) => boolean;
  readonly clock: Pick<Clock, 'now'>;
  readonly add: (span: SpanDraft) => void;
  readonly redact: Redact;
}) => {
  const sampledScope = (): WorkScope | undefined => {
    const scope = correlation.current();
    return scope && isSampled(scope.correlationId) ? scope : undefined;
  };
  const heardIn = new WeakMap<WorkScope, Heard>();
  const hear = (scope: WorkScope, event: KeptEvent, at: number): void => {
    const heard = heardIn.get(scope) ?? hearNothing();
    heardIn.set(scope, heard);
    heard.events.push({ event, at });
    heard.isLeftOut ||= isLeftOut(event, scope);
    if (heard.events.length < MAX_HEARD) return;
    heard.noted = notedOf(scope, heard);
    heard.events = [];
  };

  /** The content of the call whose event comes next in that work; of a request without a reply, until the work ends. */
  const contents = new WeakMap<WorkScope, Said>();
  const onContent = (content: Content): void => {
    const scope = sampledScope();
    if (scope) contents.set(scope, { type: content.type, attributes: contentAttributes(content, redact) });
  };
  const takeContent = (scope: WorkScope, event: KeptEvent): Said | undefined => {
    const content = contents.get(scope);
    if (!content || content.type !== CONTENT_OF[event.type]) return undefined;
    contents.delete(scope);
    return content;
  };

  const onEvent = (event: KeptEvent): void => {
    const scope = sampledScope();
    if (!scope) return;
    const at = clock.now();
    hear(scope, event, at);
    if (!isSpan(event)) return;
    const said = takeContent(scope, event);
    add({ length: lengthOf(said), make: () => spanOfEvent(scope, event, at, said) });
  };

  const onEnd = (ended: EndedScope): void => {
    const { scope, isFailed } = ended;
    if (!isSampled(scope.correlationId)) return;
    const heard = heardIn.get(scope) ?? hearNothing();
    // A message that was not received is handed over again: that is its span.
    if (heard.isLeftOut || (isFailed && scope.name === 'receive')) return;
    // What comes later belongs to no span.
    heardIn.delete(scope);
    const said = contents.get(scope);
    const length = lengthOf(said) + heard.events.length * EVENT_LENGTH;
    add({ length, make: () => spanOfWork(ended, notedOf(scope, heard), said) });
  };

  return { onEvent, onEnd, onContent };
};

const notedOf = (scope: WorkScope, { noted, events }: Heard): Noted =>
  events.reduce((known, { event, at }) => notedAfter(known, scope, event, at), noted);

const spanOfEvent = (scope: WorkScope, event: KeptEvent, at: number, said: Said | undefined): Span => {
  const span = spanOf(event);
  if (!span) throw new Error(`${event.type} is no span`);
  const { durationMs, attributes, name, ...rest } = span;
  return {
    ...rest,
    name: excerpt(name, MAX_TEXT),
    attributes: bounded({ ...attributes, ...said?.attributes }),
    traceId: scope.correlationId,
    spanId: randomBytes(8).toString('hex'),
    parentSpanId: scope.spanId,
    // NaN is none.
    startedAt: at - Math.max(0, durationMs || 0),
    endedAt: at,
    points: [],
    links: [],
  };
};

const spanOfWork = ({ scope, startedAt, durationMs, isFailed }: EndedScope, noted: Noted, said: Said | undefined): Span => {
  const { name, kind, attributes } = WORK_SPANS[scope.name];
  return {
    name: excerpt(name(scope), MAX_TEXT),
    kind,
    traceId: scope.correlationId,
    spanId: scope.spanId,
    ...present({ parentSpanId: scope.parentSpanId }),
    startedAt,
    endedAt: startedAt + durationMs,
    attributes: bounded({ ...attributes?.(scope), ...noted.attributes, ...said?.attributes }),
    points: noted.points,
    links: scope.links ?? [],
    isError: noted.isError || isFailed,
  };
};

const lengthOf = (said: Said | undefined): number =>
  Object.values(said?.attributes ?? {}).reduce<number>((length, value) => length + String(value).length, PLAIN_LENGTH);

const bounded = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, CONTENT.has(key) ? value : boundedValue(value)]));

const boundedValue = (value: Attribute): Attribute => {
  if (typeof value === 'string') return excerpt(value, MAX_TEXT);
  return typeof value === 'object' ? value.slice(0, MAX_ITEMS).map((item) => excerpt(item, MAX_TEXT)) : value;
};
