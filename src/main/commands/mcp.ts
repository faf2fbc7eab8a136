import { existsSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { McpServers, ServerReport } from '../../adapters/mcp/index.ts';
import { makeRedactor } from '../../adapters/redaction/index.ts';
import { formatTable, stripControl } from '../../adapters/terminal/index.ts';
import { type Config, readProcessConfig } from '../../config/index.ts';
import { suggestion } from '../../config/problems.ts';
import { commandHint, describe } from '../../domain/index.ts';
import { nearestName } from '../../domain/shared/nearest-name.ts';
import { plural } from '../../domain/shared/plural.ts';
import { present } from '../../domain/shared/present.ts';
import { isPortError, silentEvents } from '../../ports/index.ts';
import { CommandError, ConfigError, EXIT, print, printError, UsageError } from '../failures.ts';
import { argument, waitOf } from './arguments.ts';
import { serveMcp } from './mcp-serve.ts';
import { writeMcpConfig } from './mcp-write.ts';
import { printJson, tableStyle } from './outcome.ts';

interface Json {
  readonly json?: boolean;
}

/** How long a server may take to start and to list its tools. */
const READY_MS = 30_000;
/** A person who waits longer is told for what. */
const SILENT_MS = 2_000;

export const addMcp = (program: Command): void => {
  const mcp = program.command('mcp').description('the MCP servers whose tools agents may call, and Kept as an MCP server');

  mcp
    .command('list')
    .description('start the servers of .mcp.json, and list their tools; exit code 1 if one does not')
    .option('--json', 'as JSON')
    .action(({ json }: Json) =>
      withServers(async (servers, { mcp: { path }, secrets }) => {
        const reports = servers.report();
        const redact = makeRedactor(secrets);
        const shown = (text: string): string => stripControl(redact(text));
        if (json) printJson({ servers: reports.map(serverView) });
        else print(reports.length === 0 ? noServers(path) : shown(reports.map(listed).join('\n\n')));
        const failed = reports.map(findingOf).filter(({ ok }) => !ok);
        if (failed.length > 0) process.exitCode = EXIT.bad;
        for (const finding of failed) printError(shown(findingLine(finding)));
      }),
    );

  mcp
    .command('call')
    .description('call a tool of a server, as its operator: no configuration is asked whether it is safe')
    .argument('<server>', 'its name in .mcp.json')
    .argument('<tool>', 'the name of the tool')
    .argument('[arguments]', 'its arguments, as a JSON object', argument(objectOf), {})
    .addOption(new Option('--timeout <span>', 'how long the call may take: 30s, 2m').argParser(argument(waitOf)).default(120_000, '2m'))
    .option('--json', 'as JSON')
    .action((server: string, tool: string, input: Readonly<Record<string, unknown>>, { timeout, json }: Json & { timeout: number }) =>
      withServers(
        async (servers, { secrets }) => {
          const redact = makeRedactor(secrets);
          const [finding] = servers.report().map(findingOf);
          if (finding && !finding.ok) throw new CommandError(redact(`the call was not made: ${findingLine(finding)}`), 'mcp/unavailable');
          const outcome = await called(servers, { server, tool, input, timeoutMs: timeout });
          const output = redact(outcome.output);
          if (outcome.isError) process.exitCode = EXIT.bad;
          if (json) return printJson({ output, isError: outcome.isError });
          (outcome.isError ? printError : print)(stripControl(output));
        },
        { only: server, readyMs: Math.min(READY_MS, timeout) },
      ),
    );

  mcp
    .command('doctor')
    .description('check each server: whether its command is found, whether it starts and lists its tools; exit code 1 if one does not')
    .option('--json', 'as JSON')
    .action(({ json }: Json) =>
      withServers(async (servers, { mcp: { path }, secrets }) => {
        const redact = makeRedactor(secrets);
        // What a server says of its failure may hold its key.
        const findings = servers.report().map((report): Finding => {
          const finding = findingOf(report);
          return { ...finding, detail: redact(finding.detail) };
        });
        if (findings.some(({ ok }) => !ok)) process.exitCode = EXIT.bad;
        if (json) return printJson({ servers: findings });
        if (findings.length === 0) return print(noServers(path));
        for (const finding of findings) print(stripControl(findingLine(finding)));
      }),
    );

  mcp
    .command('write')
    .description('write .mcp.json from the environment and .env; what a person added stays')
    .option('--dry-run', 'only print it, without its secrets')
    .action(({ dryRun = false }: { dryRun?: boolean }) => writeMcpConfig({ dryRun }));

  mcp.command('serve').description('serve promises to an MCP client, over standard input and output').action(serveMcp);
};

/** Runs `action` with the servers (or the one of that name) started and tried once; then ends them. */
const withServers = async (
  action: (servers: McpServers, config: Config) => Promise<void>,
  { only, readyMs = READY_MS }: { readonly only?: string; readonly readyMs?: number } = {},
): Promise<void> => {
  const { config, problems } = readProcessConfig();
  const { mcp } = config;
  const file = problems.filter(({ place }) => place === 'KEPT_MCP_CONFIG' || place.startsWith(`${mcp.file}:`) || place === mcp.file);
  if (file.some(({ severity }) => severity === 'error')) throw new ConfigError(file);
  const wanted = mcp.servers.filter(({ name }) => only === undefined || name === only);
  if (only !== undefined && wanted.length === 0) {
    if (mcp.disabled.includes(only))
      throw new CommandError(
        `the MCP server ${describe(only)} is disabled in ${mcp.path}: remove "disabled" from its entry`,
        'mcp/disabled',
      );
    const known = mcp.servers.map(({ name }) => name);
    if (known.length === 0) throw new CommandError(noServers(mcp.path), 'mcp/not-found');
    const there = suggestion(nearestName(only, known), `there are: ${known.join(', ')}`);
    throw new CommandError(`there is no MCP server ${describe(only)} in ${mcp.path}; ${there}`, 'mcp/not-found');
  }
  const [{ makeServers }, { systemClock }] = await Promise.all([import('../modules/mcp.ts'), import('../../adapters/system/index.ts')]);
  const servers = await makeServers({ ...mcp, servers: wanted }, { clock: systemClock, events: silentEvents });
  const end = (): void => void servers.stop().finally(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  // Nothing else here keeps the process alive while a server over HTTP is awaited.
  const alive = setInterval(() => undefined, 2 ** 30);
  try {
    servers.start();
    const late = (): readonly string[] => servers.report().flatMap(({ name, state }) => (state.status === 'starting' ? [name] : []));
    await sayingWhatFor(servers.ready(readyMs), () => `${late().join(', ')} to start, for ${readyMs / 1_000} s at the most`);
    await action(servers, config);
  } finally {
    await servers.stop();
    clearInterval(alive);
  }
};

/** Tells a person what is waited for, where it takes long. */
const sayingWhatFor = async <T>(work: Promise<T>, what: () => string): Promise<T> => {
  const timer = setTimeout(() => printError(`… waiting for ${what()} (Ctrl-C ends it)`), SILENT_MS);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
};

const noServers = (path: string): string =>
  existsSync(path)
    ? `No MCP servers: ${path} names none.`
    : `No MCP servers: there is no file ${path}. ${commandHint('mcp write')} makes one.`;

const called = async (
  servers: McpServers,
  {
    server,
    tool,
    input,
    timeoutMs,
  }: { readonly server: string; readonly tool: string; readonly input: Readonly<Record<string, unknown>>; readonly timeoutMs: number },
) => {
  try {
    const call = servers.call(server, tool, input, AbortSignal.timeout(timeoutMs), timeoutMs);
    return await sayingWhatFor(call, () => `${tool} of ${server}, for ${timeoutMs / 1_000} s at the most`);
  } catch (error) {
    if (!isPortError(error) || error.code !== 'aborted') throw error;
    throw new CommandError(
      `the call took longer than ${timeoutMs / 1_000} s and was ended; it is not known whether it took effect`,
      'mcp/timeout',
    );
  }
};

/** The word of a state, as a program reads it. */
const serverView = ({ name, state, tools }: ServerReport) => ({
  name,
  status: state.status,
  tools: tools.map(({ name: tool, effect }) => ({ name: tool, effect })),
});

const listed = ({ name, state, tools, leftOut }: ServerReport): string => {
  const head = `${name}: ${state.status}`;
  const rows = tools.map((tool) => ({
    name: tool.name,
    effect: tool.effect,
    hints: tool.hints.join(', '),
    description: tool.description.replace(/\s+/g, ' '),
  }));
  const table = formatTable(
    rows,
    [
      { key: 'name', title: 'TOOL' },
      { key: 'effect', title: 'EFFECT' },
      { key: 'hints', title: 'ITS SERVER SAYS', flexible: true },
      { key: 'description', title: 'DESCRIPTION', flexible: true },
    ],
    tableStyle(),
  );
  return [head, ...(rows.length > 0 ? [table] : []), ...leftOut.map(({ tool, reason }) => `left out: ${tool}, because ${reason}`)].join(
    '\n',
  );
};

interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly hint?: string;
}

const findingOf = ({ name, state, tools, leftOut }: ServerReport): Finding => {
  if (state.status === 'failed') return { name, ok: false, detail: state.reason, ...present({ hint: state.help }) };
  if (state.status === 'starting' && state.reason !== undefined)
    return { name, ok: false, detail: `it has not started in time: ${state.reason}`, hint: state.help ?? LATE_HINT };
  if (state.status !== 'connected') return { name, ok: false, detail: 'it has not started in time', hint: LATE_HINT };
  const without = leftOut.length === 0 ? '' : `, ${leftOut.length} left out`;
  const detail = `started and listed ${plural(tools.length, 'tool')} in ${state.connectedInMs} ms${without}`;
  return { name, ok: true, detail };
};

const LATE_HINT = 'try again: the first start of a package may take long; else run its command by hand to see more';

const findingLine = ({ name, ok, detail, hint }: Finding): string =>
  `${name}: ${ok ? 'ok' : 'FAILED'}, ${detail}${hint === undefined ? '' : `\n    → ${hint}`}`;

/** An object of JSON. Throws a usage error with what is wrong. */
const objectOf = (text: string): Readonly<Record<string, unknown>> => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`${describe(text)} is no JSON: write an object such as '{"path": "src"}'`, 'mcp/arguments');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw new UsageError(`${describe(text)} is no object of JSON: write one such as '{"path": "src"}'`, 'mcp/arguments');
};
