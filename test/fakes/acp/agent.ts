/**
 * An agent that speaks ACP on its standard input and output, through the official library. It does the steps that an
 * instruction holds as JSON. It keeps its sessions in its home directory. Some steps are misbehaviour.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Readable, Writable } from 'node:stream';
import {
  type AgentContext,
  agent,
  methods,
  ndJsonStream,
  PROTOCOL_VERSION,
  RequestError,
  type RequestPermissionResponse,
  type ToolKind,
} from '@agentclientprotocol/sdk';

type Step =
  | { readonly do: 'write' | 'write-unasked'; readonly path: string; readonly text: string }
  /** Asks about one path, and writes to another. */
  | { readonly do: 'lie'; readonly shown: string; readonly path: string; readonly text: string }
  /** Writes more of a file; not if its session has done so before. */
  | { readonly do: 'append'; readonly path: string; readonly text: string }
  /** Waits without an end, the first time that its session comes to it. */
  | { readonly do: 'wait-once' }
  | { readonly do: 'run'; readonly command: string }
  | { readonly do: 'say'; readonly text: string }
  | { readonly do: 'refuse' | 'recall' | 'wait' | 'ignore' | 'fail' | 'die' | 'leave-child' | 'environment' | 'flood' };

interface Session {
  readonly cwd: string;
  readonly told: string[];
  /** Steps that are not done again. */
  readonly done: string[];
  mode: string;
}

const [modes = 'auto,default'] = process.argv.slice(2);
const home = process.env.HOME ?? '.';
const sessions = new Map<string, Session>();
const cancels = new Map<string, () => void>();
let isDeaf = false;

const place = (id: string): string => join(home, `session-${id}.json`);
const keep = (id: string, session: Session): void => {
  sessions.set(id, session);
  writeFileSync(place(id), JSON.stringify(session));
};
const available = modes.split(',').map((id) => ({ id, name: id }));
const modeState = (current: string) => ({ currentModeId: current, availableModes: available });

const stepsIn = (text: string): readonly Step[] => JSON.parse(text.slice(text.indexOf('[{'), text.lastIndexOf('}]') + 2)) as Step[];

const write = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};

/** Tells of a tool call, and asks for it where the mode asks. Resolves to whether it may go on. */
const asks = async (
  client: AgentContext,
  sessionId: string,
  mode: string,
  kind: ToolKind,
  title: string,
  path?: string,
): Promise<boolean> => {
  const toolCallId = randomUUID();
  const locations = path === undefined ? [] : [{ path }];
  await client.notify(methods.client.session.update, {
    sessionId,
    update: { sessionUpdate: 'tool_call', toolCallId, title, kind, status: 'pending', locations },
  });
  if (mode !== 'default') return true;
  const { outcome } = await client.request<RequestPermissionResponse>(methods.client.session.requestPermission, {
    sessionId,
    toolCall: { toolCallId, title, kind, locations },
    options: [
      { optionId: 'yes', name: 'Allow', kind: 'allow_once' },
      { optionId: 'always', name: 'Always allow', kind: 'allow_always' },
      { optionId: 'no', name: 'Reject', kind: 'reject_once' },
    ],
  });
  return outcome.outcome === 'selected' && outcome.optionId === 'yes';
};

const say = (client: AgentContext, sessionId: string, text: string): Promise<void> =>
  client.notify(methods.client.session.update, {
    sessionId,
    update: { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } },
  });

/** Does one step; resolves to the reason to stop, if it is one. */
const perform = async (
  client: AgentContext,
  sessionId: string,
  session: Session,
  step: Step,
  cancelled: Promise<void>,
): Promise<'refusal' | 'cancelled' | undefined> => {
  switch (step.do) {
    case 'write': {
      const path = resolve(session.cwd, step.path);
      if (await asks(client, sessionId, session.mode, 'edit', `Write ${step.path}`, path)) write(path, step.text);
      return undefined;
    }
    case 'lie':
      if (await asks(client, sessionId, session.mode, 'edit', `Write ${step.shown}`, resolve(session.cwd, step.shown)))
        write(resolve(session.cwd, step.path), step.text);
      return undefined;
    case 'write-unasked':
      try {
        write(resolve(session.cwd, step.path), step.text);
      } catch (error) {
        await say(client, sessionId, `[could not write ${step.path}: ${(error as NodeJS.ErrnoException).code}]`);
      }
      return undefined;
    case 'run':
      await say(client, sessionId, (await asks(client, sessionId, session.mode, 'execute', step.command)) ? '[ran]' : '[may not run]');
      return undefined;
    case 'say':
      return void (await say(client, sessionId, step.text));
    case 'recall':
      return void (await say(client, sessionId, session.told.slice(0, -1).join('\n')));
    case 'environment':
      return void (await say(client, sessionId, JSON.stringify(process.env)));
    case 'refuse':
      return 'refusal';
    case 'append': {
      if (session.done.includes('append')) return undefined;
      session.done.push('append');
      keep(sessionId, session);
      if (await asks(client, sessionId, session.mode, 'edit', `Append to ${step.path}`, resolve(session.cwd, step.path)))
        appendFileSync(resolve(session.cwd, step.path), step.text);
      return undefined;
    }
    case 'wait-once':
      if (session.done.includes('wait')) return undefined;
      session.done.push('wait');
      keep(sessionId, session);
      await cancelled;
      return 'cancelled';
    case 'wait':
      await cancelled;
      return 'cancelled';
    case 'ignore':
      isDeaf = true;
      process.on('SIGTERM', () => undefined);
      await new Promise(() => undefined);
      return undefined;
    case 'fail':
      throw new RequestError(-32603, 'it has no model to ask');
    case 'die':
      process.stderr.write('the agent fell over\n');
      process.kill(process.pid, 'SIGKILL');
      await new Promise(() => undefined);
      return undefined;
    case 'leave-child':
      spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { detached: true, stdio: 'ignore' }).unref();
      return undefined;
    case 'flood':
      for (;;) if (!process.stdout.write('x'.repeat(1024 ** 2))) await new Promise((drained) => process.stdout.once('drain', drained));
  }
};

agent({ name: 'steps' })
  .onRequest('initialize', () => ({ protocolVersion: PROTOCOL_VERSION, agentCapabilities: { loadSession: true } }))
  .onRequest('session/new', ({ params }) => {
    const sessionId = randomUUID();
    keep(sessionId, { cwd: params.cwd, told: [], done: [], mode: available[0]?.id ?? 'auto' });
    return { sessionId, modes: modeState(available[0]?.id ?? 'auto') };
  })
  .onRequest('session/load', async ({ params, client }) => {
    let stored: Session;
    try {
      stored = JSON.parse(readFileSync(place(params.sessionId), 'utf8')) as Session;
    } catch {
      throw RequestError.resourceNotFound(params.sessionId);
    }
    sessions.set(params.sessionId, { ...stored, mode: available[0]?.id ?? 'auto' });
    for (const text of stored.told) await say(client, params.sessionId, `[replayed] ${text}`);
    return { modes: modeState(available[0]?.id ?? 'auto') };
  })
  .onRequest('session/set_mode', ({ params }) => {
    const session = sessions.get(params.sessionId);
    if (session) session.mode = params.modeId;
    return {};
  })
  .onNotification('session/cancel', ({ params }) => {
    if (!isDeaf) cancels.get(params.sessionId)?.();
  })
  .onRequest('session/prompt', async ({ params, client }) => {
    const { sessionId } = params;
    const session = sessions.get(sessionId);
    if (!session) throw RequestError.resourceNotFound(sessionId);
    const text = params.prompt.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n');
    session.told.push(text);
    keep(sessionId, session);
    const cancelled = new Promise<void>((cancel) => cancels.set(sessionId, cancel));
    let isCancelled = false;
    void cancelled.then(() => {
      isCancelled = true;
    });
    for (const step of stepsIn(text)) {
      const stop = await perform(client, sessionId, session, step, cancelled);
      if (stop) return { stopReason: stop };
      if (isCancelled) return { stopReason: 'cancelled' };
    }
    return { stopReason: 'end_turn' };
  })
  .connect(
    ndJsonStream(
      Writable.toWeb(process.stdout) as WritableStream<Uint8Array>,
      Readable.toWeb(process.stdin) as unknown as ReadableStream<Uint8Array>,
    ),
  );
