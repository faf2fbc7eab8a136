import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import type { HttpApi, Metrics } from '../../ports/index.ts';
import type { ApiViews } from './api-views.ts';
import type { RequestAuth } from './auth/request-auth.ts';
import type { Reply, Schema, Shown } from './schemas/shown.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The areas of the API, in the order of the document. */
export const TAGS = {
  chat: 'Local chats: their messages, and what became of them',
  promises: 'Promises, and what may be done with them',
  schedules: 'Schedules that make promises again and again',
  approvals: 'Calls that wait for a yes or no',
  audit: 'The audit log',
  reports: 'Usage, cost, speed and alerts',
  desk: 'What the operator’s desk shows of all chats',
  health: 'Whether Kept lives, answers, and finds what it needs',
  session: 'Sign-in at the page',
  description: 'The API itself',
} as const;
export type Tag = keyof typeof TAGS;

/** What the handlers of routes work with. */
export interface RouteContext {
  readonly api: HttpApi;
  readonly views: ApiViews;
  /** Absent: there are no metrics here. */
  readonly metrics?: Metrics | undefined;
  /** All that are served, for those who describe them. */
  readonly routes: readonly Route[];
}

/** A request as a handler gets it: each part as its schema has read it. */
export interface Asked<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly headers: IncomingHttpHeaders;
  /** Whether it may know what only holders of the token may know; always true where there is none. */
  readonly isTrusted: boolean;
  /** How whoever asks signs in and out. */
  readonly auth: RequestAuth;
  /** Names the effect of a request that brings an idempotency key: what stores the effect stores this with it. */
  readonly once?: string;
}

/** A reply with another status than 200, or with headers of its own. */
export class Answer<Status extends number = number, Body = unknown> {
  readonly status: Status;
  readonly body: Body;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: Status, body: Body, headers: Readonly<Record<string, string>> = {}) {
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** The reply of each status. A schema's description tells what it means. */
export type Replies = Readonly<Record<number, Reply>>;
/** The data of each event of a stream, by its name. */
export type StreamEvents = Readonly<Record<string, Reply>>;
/** The plain body stands for status 200. */
type Replied<R extends Replies> = {
  readonly [Status in keyof R & number]: Answer<Status, Shown<R[Status]>> | (Status extends 200 ? Shown<R[Status]> : never);
}[keyof R & number];

type Read<S extends Schema | undefined> = S extends Schema ? z.output<S> : undefined;

/** What is said of every route. */
interface About {
  readonly method: Method;
  /** Below `/api/v1` and `/api`: `/promises/:id`. */
  readonly path: `/${string}`;
  /** `root`: the path is the whole path, as `/health` is. Default: `api`. */
  readonly at?: 'root';
  /** Names it in the document and in clients that are made from it; never changes. */
  readonly id: string;
  /** One sentence without its full stop. */
  readonly summary: string;
  readonly description?: string;
  readonly tag: Tag;
  /** The codes that it may refuse with, beside those that every route has, by status. */
  readonly refusals?: Readonly<Record<number, readonly string[]>>;
  /** Whether it is for holders of the token alone, where there is one. Default: true. */
  readonly needsToken?: false;
  /** Present: it is there until the next version of the API, and has a successor. `since` is a day. */
  readonly deprecated?: { readonly since: string; readonly successor: string };
  /** Whether it changes something. Default: whatever is no GET does. */
  readonly writes?: false;
}

/** A route with its schemas as the server and the document see it. */
export interface Route<Context = RouteContext> extends About {
  readonly params?: Schema;
  readonly query?: Schema;
  readonly body?: Schema;
  readonly replies: Replies;
  /** Of what is no JSON: what it is. */
  readonly contentType?: string;
  /** Present: it answers with server-sent events of these names, and never ends by itself. */
  readonly events?: StreamEvents;
  readonly handle: (asked: Asked<unknown, unknown, unknown>, context: Context) => Promise<unknown>;
}

/**
 * Defines a route: the one way to do so. Requests are read by the schemas of their parts; a part without a schema is
 * not looked at, but for a query or body with something in it, which is refused. Tests check each reply against its
 * schema.
 */
export const defineRoute = <
  R extends Replies,
  Params extends Schema | undefined = undefined,
  Query extends Schema | undefined = undefined,
  Body extends Schema | undefined = undefined,
  Context = RouteContext,
>(
  definition: About & {
    readonly params?: Params;
    readonly query?: Query;
    readonly body?: Body;
    readonly replies: R;
    readonly contentType?: string;
    readonly handle: (asked: Asked<Read<Params>, Read<Query>, Read<Body>>, context: Context) => Promise<Replied<R>>;
  },
): Route<Context> => {
  const { params, query, body, ...rest } = definition;
  return {
    ...rest,
    ...(params && { params }),
    ...(query && { query }),
    ...(body && { body }),
    handle: (asked, context) => definition.handle(asked as Asked<Read<Params>, Read<Query>, Read<Body>>, context),
  };
};

/** An event of a stream. Of those that wait for a slow reader under one key, only the newest is sent. */
export interface StreamedEvent<Events extends StreamEvents> {
  readonly key: string;
  readonly id?: number | string;
  readonly event: keyof Events & string;
  readonly data: Shown<Events[keyof Events]>;
}

/** What a stream's handler resolves to. */
export class EventStream {
  /** Begins to send, and returns how to end that. `send` resolves when the reader has room again. */
  readonly open: (send: (event: StreamedEvent<StreamEvents>) => Promise<void>) => () => void;

  constructor(open: EventStream['open']) {
    this.open = open;
  }
}

/** Defines a route that answers with server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export const defineStream = <Events extends StreamEvents, Query extends Schema, Context = RouteContext>(
  definition: Omit<About, 'method'> & {
    readonly query: Query;
    readonly events: Events;
    /** Checks the request; nothing is sent before it resolves to how the stream is opened. */
    readonly handle: (
      asked: Asked<undefined, z.output<Query>, undefined>,
      context: Context,
    ) => Promise<(send: (event: StreamedEvent<Events>) => Promise<void>) => () => void>;
  },
): Route<Context> => ({
  ...definition,
  method: 'GET',
  replies: {},
  contentType: 'text/event-stream',
  handle: async (asked, context) =>
    new EventStream(await definition.handle(asked as Asked<undefined, z.output<Query>, undefined>, context)),
});

export const writes = ({ method, writes }: Pick<Route, 'method' | 'writes'>): boolean => writes ?? method !== 'GET';

/** Whether requests may bring an idempotency key. Who signs in or out is answered anew each time. */
export const takesKey = (route: Pick<Route, 'method' | 'writes' | 'tag'>): boolean => writes(route) && route.tag !== 'session';
