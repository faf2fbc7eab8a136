import type { HealthCheck } from '../../../domain/index.ts';
import type { Notice } from '../../../ports/index.ts';
import type { TelegramSelf } from './settings.ts';

/** How a connection stands. */
export type Status = Omit<HealthCheck, 'id'>;

export const down = (message: string): Status => ({ status: 'fail', message });

export const connectedAs = (me: TelegramSelf): Status => {
  const name = me.username === undefined ? me.id : `@${me.username}`;
  return { status: 'ok', message: me.isBot ? `connected as ${name}; ${sightOf(me)}` : `connected as ${name}` };
};

/** What a bot sees of groups, and how it comes to see more (https://core.telegram.org/bots/features#privacy-mode). */
export const sightOf = ({ privacyMode }: TelegramSelf): string =>
  privacyMode
    ? 'in groups it sees only commands, mentions and replies to it (privacy mode): to let it see every message make it an admin of the ' +
      'group, or turn privacy mode off at @BotFather (/setprivacy) and add it to the group again'
    : 'in groups it sees every message';

/** The status that health shows. */
export interface StatusBoard {
  /** `next` is asked each time that the status is shown: a wait that is left grows shorter. */
  show(next: () => Status): void;
  read(): Status;
  /** Resolves when the first status is shown. */
  readonly known: Promise<void>;
}

export const makeStatusBoard = (): StatusBoard => {
  const known = Promise.withResolvers<void>();
  let status = (): Status => down('not started');
  return {
    show: (next) => {
      status = next;
      known.resolve();
    },
    read: () => status(),
    known: known.promise,
  };
};

/** Shows and logs that the account is connected; what a bot sees of groups is logged when that has changed. */
export const makeAnnounce = (board: StatusBoard, notice: Notice): ((me: TelegramSelf, failures: number) => void) => {
  let sight: string | undefined;
  return (me, failures) => {
    board.show(() => connectedAs(me));
    notice('connected', { selfId: me.id, username: me.username, failures });
    if (!me.isBot || sight === sightOf(me)) return;
    sight = sightOf(me);
    notice('privacy-mode', { selfId: me.id, sight });
  };
};
