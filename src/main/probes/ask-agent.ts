import { type AskAgent, makeOpenSpending, makeRunAgent, makeRunAlone, makeToolCatalog } from '../../application/index.ts';
import type { Config } from '../../config/index.ts';
import { PortError, type Storage, silentEvents } from '../../ports/index.ts';
import { ownModels } from '../modules/models.ts';

interface Parts extends Omit<Parameters<typeof makeOpenSpending>[0], 'unitOfWork' | 'events' | 'leaseMs'> {
  readonly config: Config;
  readonly storage: Storage;
  readonly timeZone: string;
}

/**
 * Asks agents a question each, through their own models: no other model answers for one that fails, and no tool is
 * offered. What it costs is paid as everything else, and stands in the ledger; as it is a test, nothing of it counts as
 * work that was done.
 */
export const makeAskAgent = ({ config, storage: { stores, unitOfWork }, ...parts }: Parts): AskAgent => {
  const events = silentEvents;
  const runAgent = makeRunAgent({ ...parts, events, models: ownModels(config, parts.clock), tools: makeToolCatalog([]) });
  const openSpending = makeOpenSpending({ ...parts, unitOfWork, events });
  const runAlone = makeRunAlone({ ...parts, stores, unitOfWork, runAgent, openSpending, events });
  return async (agent, text, signal) => {
    const scope = { directory: config.policy.whitelist.defaultDirectory };
    const asked = { ...agent, tools: [], limits: { ...agent.limits, maxSteps: 1 } };
    const run = await runAlone({ agent: asked, text, scope, mayDecide: false, signal });
    if (run.unanswered !== undefined && run.unanswered !== 'only-claims' && run.unanswered !== 'only-deeds')
      throw new PortError('malformed-reply', `it gave no answer (${run.unanswered})`, { retryable: true });
    return { text: run.text, model: run.model };
  };
};
