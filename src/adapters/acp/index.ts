export { type AcpAgentOptions, makeAcpAgent } from './acp-agent.ts';
