import type { EventOf } from '../../domain/events/event.ts';
import type { OutdatedChat } from '../../domain/workspace/policy.ts';

/** What to change in the configuration, and that it is not urgent. */
export const outdatedWords = ({ workspace, from, to }: OutdatedChat): string =>
  `the group ${from} has become the supergroup ${to}, and the workspace ${JSON.stringify(workspace)} still names the old id: ` +
  `write ${to} for ${from} in workspace_config.json. Until then the old id stands for the new one.`;

/** The same as an event. */
export const outdatedEvent = (outdated: OutdatedChat): EventOf<'chat-outdated'> => ({
  type: 'chat-outdated',
  from: outdated.from,
  to: outdated.to,
  workspace: outdated.workspace,
  advice: outdatedWords(outdated),
});
