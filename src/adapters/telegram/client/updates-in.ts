import { Api } from 'telegram/tl/index.js';

/** The updates of a container; none of one that is itself a message, or stands for updates that were left out. */
export const updatesIn = (updates: Api.TypeUpdates): readonly Api.TypeUpdate[] => {
  if (updates instanceof Api.UpdateShort) return [updates.update];
  return updates instanceof Api.Updates || updates instanceof Api.UpdatesCombined ? updates.updates : [];
};
