import type { HealthCheck } from '../../../domain/index.ts';
import type { TelegramSelf } from './settings.ts';

/** How a connection stands. */
export type Status = Omit<HealthCheck, 'name'>;

export const down = (detail: string): Status => ({ status: 'down', detail });

export const connectedAs = (me: TelegramSelf): Status => {
  const name = me.username === undefined ? me.id : `@${me.username}`;
  return { status: 'ok', detail: me.isBot ? `connected as ${name}; ${sightOf(me)}` : `connected as ${name}` };
};

/** What a bot sees of groups, and how it comes to see more (https://core.telegram.org/bots/features#privacy-mode). */
export const sightOf = ({ privacyMode }: TelegramSelf): string =>
  privacyMode
    ? 'in groups it sees only commands, mentions and replies to it (privacy mode): to let it see every message make it an admin of the ' +
      'group, or turn privacy mode off at @BotFather (/setprivacy) and add it to the group again'
    : 'in groups it sees every message';
