import type { UsernamePins } from '../../ports/index.ts';
import type { Tables } from './tables.ts';

export const makeUsernamePins = ({ pins }: Tables): UsernamePins => ({
  pinned: async (username) => pins.get(username)?.userId,
  pin: async (username, userId) => {
    if (!pins.get(username)) pins.put({ username, userId });
  },
});
