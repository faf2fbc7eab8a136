export { type AcpAgentOptions, makeAcpAgent } from './acp-agent.ts';
export type { AgentStart, StartAgent, StartedAgent } from './start.ts';
