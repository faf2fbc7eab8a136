import { McpServer, type ServerContext } from '@modelcontextprotocol/server';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';
import { type AgentPromise, isSettled, PROMISE_STATUSES, promiseId, TASK_TYPES } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import type { Result } from '../../domain/shared/result.ts';
import {
  type CancelPromise,
  type GetPromise,
  isPortError,
  type ListPromises,
  type MadePromise,
  type MakePromiseRefusal,
  type PromiseRequest,
  reasonOf,
  redactedJson,
} from '../../ports/index.ts';
import { followPromise, type WatchPromise } from './follow-promise.ts';
import { promiseList } from './promise-list.ts';

/** What an MCP client may do with promises. */
export interface PromiseTools {
  readonly makePromise: (request: PromiseRequest) => Promise<Result<MadePromise, MakePromiseRefusal>>;
  /** Why no promise can be made for an agent of this name. Undefined if one can. */
  readonly whyNotAgent: (name: string) => string | undefined;
  readonly listPromises: ListPromises;
  readonly getPromise: GetPromise;
  readonly cancelPromise: CancelPromise;
  readonly watchPromise: WatchPromise;
  /** A promise as it is shown. */
  readonly view: (promise: AgentPromise) => Readonly<Record<string, unknown>>;
}

export interface ServeMcpOptions {
  readonly version: string;
  readonly tools: PromiseTools;
  readonly redact: (text: string) => string;
}

/** How long one call waits for a promise at the most, by default and at all. */
const [WAIT_S, LONGEST_WAIT_S] = [50, 3_600];

type Answer = { content: { type: 'text'; text: string }[]; isError?: boolean };

/**
 * Serves promises over standard input and output. Nothing else may write to standard output. Resolves when the client
 * has closed the input.
 */
export const serveMcp = async (options: ServeMcpOptions): Promise<void> => {
  const ended = Promise.withResolvers<void>();
  const transport = new StdioServerTransport();
  const handle = serveStdio(() => makeServer(options), { transport, onerror: () => undefined });
  for (const end of ['end', 'close', 'error'] as const) process.stdin.once(end, () => ended.resolve());
  process.stdout.once('error', () => ended.resolve());
  await ended.promise;
  await handle.close();
};

const id = z.union([z.number().int(), z.string()]).describe('The number of the promise.');

const makeServer = ({ version, tools, redact }: ServeMcpOptions): McpServer => {
  const server = new McpServer(
    { name: 'kept', title: 'Kept', version },
    {
      capabilities: { tools: {} },
      instructions:
        'Kept keeps promises: durable background tasks that its agents work on. Make one with make_promise, then wait for its result with follow_promise.',
    },
  );
  const shown = (promise: AgentPromise, note?: string): Answer => said(redactedJson(present({ note, ...tools.view(promise) }), redact, 2));

  server.registerTool(
    'make_promise',
    {
      description: 'Makes a promise: a task that an agent of Kept works on in the background. Answers with its number.',
      inputSchema: z.strictObject({
        description: z.string().describe('The task, in words: all that the agent needs to know.'),
        task_type: z.enum(TASK_TYPES).optional().describe('The kind of work. Default: analysis.'),
        agent: z.string().optional().describe('The agent that does it. Default: valor_agent.'),
        priority: z.number().int().min(1).max(10).optional().describe('1 (first) to 10 (last). Default: 5.'),
        idempotency_key: z.string().min(1).max(200).optional().describe('At most one promise is made for each key.'),
      }),
      annotations: { readOnlyHint: false, destructiveHint: false },
    },
    guarded(async ({ description, task_type: taskType, agent, priority, idempotency_key: idempotencyKey }) => {
      const wrongAgent = agent === undefined ? undefined : tools.whyNotAgent(agent);
      if (wrongAgent !== undefined) return refused(wrongAgent);
      const made = await tools.makePromise({ description, ...present({ taskType, agent, priority, idempotencyKey }) });
      if (!made.ok) return refused(made.error.message);
      const { promise, isNew } = made.value;
      return shown(
        promise,
        isNew ? undefined : madeBefore(promise, { description: redact(description.trim()), taskType, agent, priority }),
      );
    }),
  );
  server.registerTool(
    'list_promises',
    {
      description: 'Lists promises, newest first.',
      inputSchema: z.strictObject({
        statuses: z.array(z.enum(PROMISE_STATUSES)).optional().describe('Only these.'),
        limit: z.number().int().min(1).max(100).optional().describe('At most so many. Default: 20.'),
      }),
      annotations: { readOnlyHint: true },
    },
    guarded(async ({ statuses, limit = 20 }) => {
      const promises = await tools.listPromises({ ...present({ statuses }), limit });
      return said(promiseList(promises.map(tools.view), redact));
    }),
  );
  server.registerTool(
    'show_promise',
    { description: 'Shows everything about a promise.', inputSchema: z.strictObject({ id }), annotations: { readOnlyHint: true } },
    guarded(async ({ id: number }) => {
      const promise = await tools.getPromise(promiseId(number));
      return promise ? shown(promise) : noSuch(number);
    }),
  );
  server.registerTool(
    'cancel_promise',
    {
      description: 'Cancels a promise that has not ended.',
      inputSchema: z.strictObject({ id }),
      annotations: { readOnlyHint: false, destructiveHint: true },
    },
    guarded(async ({ id: number }) => {
      const cancelled = await tools.cancelPromise(promiseId(number));
      return cancelled.ok ? shown(cancelled.value) : refused(cancelled.error.message);
    }),
  );
  server.registerTool(
    'follow_promise',
    {
      description: `Waits until a promise has ended, and answers with its result; tells its progress meanwhile. After timeout_seconds it answers with the promise as it is: call it again to go on waiting.`,
      inputSchema: z.strictObject({
        id,
        timeout_seconds: z.number().min(1).max(LONGEST_WAIT_S).optional().describe(`Default: ${WAIT_S}.`),
      }),
      annotations: { readOnlyHint: true },
    },
    guarded(async ({ id: number, timeout_seconds: seconds = WAIT_S }, context) => {
      const wanted = promiseId(number);
      if (!(await tools.getPromise(wanted))) return noSuch(number);
      const promise = await followPromise(tools, wanted, { seconds, context, redact });
      return promise ? shown(promise, isSettled(promise) ? undefined : 'It has not ended yet.') : noSuch(number);
    }),
  );
  return server;
};

/** Says so, and what is asked for now and is not what the promise has. */
const madeBefore = (promise: AgentPromise, asked: { readonly [Key in keyof PromiseRequest]?: PromiseRequest[Key] | undefined }): string => {
  const differing = COMPARED.filter(([key]) => asked[key] !== undefined && asked[key] !== promise[key]).map(([, words]) => words);
  if (differing.length === 0) return 'This promise was made before, for the same key.';
  const what = `${differing.join(' and ')} ${differing.length === 1 ? 'differs' : 'differ'} from what is asked now`;
  return `No new promise was made: this one was made before, for the same key, and its ${what}. For another promise, give another key.`;
};
const COMPARED = [
  ['description', 'description'],
  ['taskType', 'task_type'],
  ['agent', 'agent'],
  ['priority', 'priority'],
] as const;

/** Answers a failure of the storage, or a number that is none, in words. */
const guarded =
  <Input>(run: (input: Input, context: ServerContext) => Promise<Answer>) =>
  async (input: Input, context: ServerContext): Promise<Answer> => {
    try {
      return await run(input, context);
    } catch (error) {
      return refused(isPortError(error) ? "Kept's storage can't be used just now." : reasonOf(error));
    }
  };

const said = (text: string): Answer => ({ content: [{ type: 'text', text }] });
const refused = (text: string): Answer => ({ ...said(text), isError: true });
const noSuch = (number: number | string): Answer => refused(`There is no promise #${number}.`);
