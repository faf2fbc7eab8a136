import type { Container } from 'inversify';
import { TOKENS } from '../tokens.ts';
import { bindModel, bindTools } from './adapters.ts';
import { bindAgents } from './use-cases.ts';

/** What it takes to run agents, which bot and worker share when they live in one process. */
export const bindRunning = (container: Container): void => {
  if (container.isBound(TOKENS.runAgent)) return;
  bindModel(container);
  bindTools(container);
  bindAgents(container);
};
