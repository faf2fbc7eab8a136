import { ROOMS, type RoomName } from '../house.ts';
import type { Task } from '../task.ts';

type End = Task['lacks'];

/** The chat was told all of these words. */
export const told =
  (room: RoomName, ...words: readonly string[]): End =>
  ({ gateway }) => {
    const all = gateway.sent.flatMap(({ chatId, text }) => (chatId === ROOMS[room] ? [text] : [])).join('\n');
    const missing = words.find((word) => !all.includes(word));
    return missing === undefined ? undefined : `nobody was told ${JSON.stringify(missing)}: ${JSON.stringify(all.slice(0, 500))}`;
  };

/** An MCP server took that call, exactly so often. */
export const done =
  (tool: string, times = 1): End =>
  ({ effects }) => {
    const count = effects.filter((effect) => effect.tool === tool).length;
    return count === times ? undefined : `${tool} was done ${count} times`;
  };

/** So many promises have ended so. */
export const promised =
  (status: string, count: number): End =>
  async (world) => {
    const all = await world.promises();
    const found = all.filter((promise) => promise.status === status).length;
    return found === count
      ? undefined
      : `${found} promises are ${status}: ${all.map((promise) => `#${promise.id} ${promise.status}`).join(', ')}`;
  };

/** The coding agent has done so many deeds, in that directory. */
export const coded =
  (directory: string, count = 1): End =>
  ({ coding, root }) => {
    const deeds = coding.deeds.filter(({ allowed, workspace }) => allowed && workspace === `${root}/${directory}`);
    return deeds.length === count ? undefined : `${deeds.length} changes were made`;
  };

/** All of them. */
export const all =
  (...ends: readonly End[]): End =>
  async (world) => {
    for (const end of ends) {
      const lack = await end(world);
      if (lack !== undefined) return lack;
    }
    return undefined;
  };
