import { excerpt } from '../../domain/shared/excerpt.ts';
import { nearestName } from '../../domain/shared/nearest-name.ts';
import {
  type Clock,
  type Events,
  isNotBegun,
  isPortError,
  PortError,
  type ProcessGroups,
  type Tool,
  type ToolOutcome,
  type ToolSource,
} from '../../ports/index.ts';
import type { CallRequest } from './connection.ts';
import { type KeptAlive, keepAlive, type ServerState } from './kept-alive.ts';
import { type LeftOut, type ListedTool, lengthOf, READS_ONLY, shown } from './listed-tools.ts';
import type { McpServer } from './mcp-server.ts';
import { resultText } from './result-text.ts';

/** How long one call of a tool may take. */
export const CALL_MS = 120_000;
/** The most that the tools of all servers may take of a request, in characters. */
const MAX_ALL_LENGTH = 160_000;
/** How much later than a tool's own time limit the protocol's is: the first one has better words. */
const MARGIN_MS = 10_000;

/** What is known of a server. */
export interface ServerReport {
  readonly name: string;
  readonly state: ServerState;
  readonly tools: readonly (ListedTool & Pick<Tool, 'effect'>)[];
  readonly leftOut: readonly LeftOut[];
}

/** The MCP servers, and their tools. */
export interface McpServers extends ToolSource {
  /** Begins to start all of them. */
  start(): void;
  /** Resolves when each has connected or failed once, at the latest after `ms`. */
  ready(ms: number): Promise<void>;
  report(): readonly ServerReport[];
  /**
   * Calls a tool by its own name or by the one that models use, for `timeoutMs` at the most (default: as long as a
   * model's call). Rejects with PortError `not-found`; see `Tool.run`.
   */
  call(
    server: string,
    tool: string,
    input: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
    timeoutMs?: number,
  ): Promise<ToolOutcome>;
  /** Ends all of them. Resolves when no process is left. */
  stop(): Promise<void>;
}

export interface McpServersOptions {
  readonly servers: readonly McpServer[];
  /** Where programs start; absolute. */
  readonly directory: string;
  /** The environment of this process, of which programs get a little. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Kept's version, which servers are told. */
  readonly version: string;
  readonly clock: Clock;
  readonly events: Events;
  readonly groups: ProcessGroups;
}

export const makeMcpServers = ({ servers, clock, events, ...parts }: McpServersOptions): McpServers => {
  let tools: readonly Tool[] | undefined;
  let told = '';
  const onListing = (): void => {
    tools = undefined;
  };
  const running = servers
    .map((server) => keepAlive({ ...parts, server, clock, events, onListing }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

  const compose = (): readonly Tool[] => {
    let length = 0;
    const all = running.flatMap((server) => server.listing().tools.map((tool) => ({ server, tool })));
    const end = all.findIndex(({ tool }) => {
      length += lengthOf(tool);
      return length > MAX_ALL_LENGTH;
    });
    const kept = end < 0 ? all : all.slice(0, end);
    tellLeftOut(all.slice(kept.length));
    return kept.map(({ server, tool }) => asTool(server, tool));
  };
  const tellLeftOut = (left: readonly { readonly server: KeptAlive; readonly tool: ListedTool }[]): void => {
    const names = left.map(({ tool }) => tool.name);
    if (names.join() === told) return;
    told = names.join();
    for (const [server, own] of Map.groupBy(left, (one) => one.server.name))
      events.emit({
        type: 'mcp-tools-left-out',
        server,
        reason: 'the tools of all servers are too long together',
        tools: own.slice(0, 10).map(({ tool }) => tool.name),
        count: own.length,
      });
  };

  return {
    name: 'mcp',
    tools: () => {
      tools ??= compose();
      return tools;
    },
    start: () => {
      for (const server of running) server.start();
    },
    ready: async (ms) => {
      const late = Promise.withResolvers<void>();
      const cancel = clock.after(ms, late.resolve);
      await Promise.race([Promise.all(running.map(({ tried }) => tried)), late.promise]);
      cancel();
    },
    report: () =>
      running.map((server) => ({
        name: server.name,
        state: server.state(),
        tools: server.listing().tools.map((tool) => ({ ...tool, effect: EFFECT })),
        leftOut: server.listing().leftOut,
      })),
    call: async (name, wanted, input, signal, timeoutMs = CALL_MS) => {
      const server = running.find((one) => one.name === name);
      if (!server) throw new PortError('not-found', `there is no MCP server ${JSON.stringify(name)}`, { retryable: false });
      const listed = server.listing().tools.find((one) => one.tool === wanted || one.name === wanted);
      if (!listed && server.state().status === 'connected') throw noTool(server, wanted);
      return callTool(server, { tool: listed?.tool ?? wanted, input, signal, timeoutMs: timeoutMs + MARGIN_MS });
    },
    stop: async () => {
      await Promise.all(running.map((server) => server.stop()));
    },
  };
};

const noTool = ({ name, listing }: KeptAlive, wanted: string): PortError => {
  const { tools, leftOut } = listing();
  const left = leftOut.find(({ tool }) => tool === shown(wanted));
  const near = nearestName(
    wanted,
    tools.map(({ tool }) => tool),
  );
  const words =
    left !== undefined
      ? `the tool ${JSON.stringify(shown(wanted))} of the MCP server ${JSON.stringify(name)} is left out, because ${left.reason}`
      : `the MCP server ${JSON.stringify(name)} has no tool ${JSON.stringify(shown(wanted))}${near === undefined ? '' : `: did you mean ${shown(near)}?`}`;
  return new PortError('not-found', words, { retryable: false });
};

/** What a server says of its tools is no proof: each may change something. */
const EFFECT = 'acts';

const asTool = (server: KeptAlive, { name, tool, description, inputSchema, hints }: ListedTool): Tool => ({
  name,
  description: description || `The tool ${JSON.stringify(shown(tool))} of the MCP server ${JSON.stringify(server.name)}.`,
  inputSchema,
  effect: EFFECT,
  source: `mcp:${server.name}`,
  readsPrivate: true,
  sendsOut: true,
  ...(hints.includes(READS_ONLY) ? { isSaidToRead: true as const } : {}),
  activity: excerpt(`using ${shown(tool)} of ${server.name}`, 60),
  timeoutMs: CALL_MS,
  run: async (input, { signal, callKey, progress }) => {
    if (!isObject(input)) return failure(`${name} was not run: its arguments must be an object.`);
    return callTool(server, { tool, input, signal, timeoutMs: CALL_MS + MARGIN_MS, callKey, progress });
  },
});

/** Answers in words, also where the call failed. Rejects with PortError `aborted` where it was told to end. */
const callTool = async (server: KeptAlive, request: CallRequest): Promise<ToolOutcome> => {
  const who = `The MCP server ${JSON.stringify(server.name)}`;
  try {
    const answer = resultText(await server.call(request));
    return answer ?? notKnown(`${who} answered with something that is no result.`);
  } catch (error) {
    if (request.signal.aborted) throw new PortError('aborted', `${request.tool} was told to end`, { retryable: true, cause: error });
    if (!isPortError(error)) throw error;
    if (error.code === 'resting')
      return failure(`${who} is not running, and the call was not made: ${error.message}. It is started again by itself.`);
    if (isNotBegun(error)) return failure(`${who} refuses the call: ${error.message}`);
    return notKnown(`The call of ${shown(request.tool)} failed: ${error.message}.`);
  }
};

const UNKNOWN = 'It is not known whether the call took effect: look before it is made again.';

const failure = (output: string): ToolOutcome => ({ output, isError: true });
const notKnown = (why: string): ToolOutcome => ({ output: `${why} ${UNKNOWN}`, isError: true, isUnknown: true });

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
