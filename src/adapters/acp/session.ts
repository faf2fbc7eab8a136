import { type ClientContext, methods, type NewSessionResponse, PROTOCOL_VERSION, type SessionModeState } from '@agentclientprotocol/sdk';
import { type CodingRun, isPortError, PortError } from '../../ports/index.ts';

/** Claude Code takes no settings, hooks or servers from the workspace; other agents pass this over. */
const META = { claudeCode: { options: { settingSources: [], strictMcpConfig: true } } };

/** The mode in which agents ask before they act. */
const ASKING = 'default';
/** Modes in which an agent asks for nothing. */
const OPEN = /auto|bypass|yolo|full|dangerous|accept/i;

/**
 * Agrees on the protocol, and continues the session of the run, or begins one if the agent does not have it any more.
 * Resolves to the session's id.
 */
export const openSession = async (
  agent: ClientContext,
  { workspace, session }: Pick<CodingRun, 'workspace' | 'session'>,
): Promise<string> => {
  const { protocolVersion, agentCapabilities } = await agent.request(methods.agent.initialize, {
    protocolVersion: PROTOCOL_VERSION,
    clientInfo: { name: 'kept', version: '1' },
    // It uses its own hands, in its own room: Kept reads and writes nothing for it, and runs no commands.
    clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
  });
  if (protocolVersion !== PROTOCOL_VERSION)
    throw new PortError(
      'invalid-request',
      `the coding agent speaks version ${protocolVersion} of ACP, and Kept version ${PROTOCOL_VERSION}`,
      {
        retryable: false,
      },
    );
  const place = { cwd: workspace, mcpServers: [], _meta: META };
  if (session !== undefined && agentCapabilities?.loadSession) {
    const loaded = await agent.request(methods.agent.session.load, { ...place, sessionId: session }).catch((error: unknown) => {
      if (isAnswer(error)) return undefined;
      throw error;
    });
    if (loaded) {
      await askBeforeActing(agent, session, loaded.modes);
      return session;
    }
  }
  const begun = await agent.request<NewSessionResponse>(methods.agent.session.new, place);
  await askBeforeActing(agent, begun.sessionId, begun.modes);
  return begun.sessionId;
};

/** An error that the agent answered with: the connection itself works. */
const isAnswer = (error: unknown): boolean =>
  !isPortError(error) && error instanceof Error && 'code' in error && typeof error.code === 'number';

const askBeforeActing = async (agent: ClientContext, sessionId: string, modes: SessionModeState | null | undefined): Promise<void> => {
  if (!modes || modes.currentModeId === ASKING) return;
  if (modes.availableModes.some(({ id }) => id === ASKING))
    return void (await agent.request(methods.agent.session.setMode, { sessionId, modeId: ASKING }));
  if (OPEN.test(modes.currentModeId))
    throw new PortError(
      'invalid-request',
      `the coding agent begins in mode ${JSON.stringify(modes.currentModeId)}, in which it asks for nothing`,
      {
        retryable: false,
        help: 'configure the agent so that it asks before it acts, or name another in KEPT_CODING_AGENT',
      },
    );
};
