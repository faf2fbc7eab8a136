import { visible } from '../approval/visible.ts';
import { commandHint } from '../shared/command-form.ts';
import { lineExcerpt } from '../shared/excerpt.ts';
import type { Pairing } from './pairing.ts';

const MAX_NAME_LENGTH = 60;

/** A name as it is written, with an escape for what would not be seen; nothing in it ends its code. */
const shown = (name: string): string => `\`${visible(lineExcerpt(name, MAX_NAME_LENGTH)).replaceAll('`', "'")}\``;

/** What owners are told of a stranger. The stranger is told nothing. */
export const pairingText = ({ userId, username, displayName, code }: Pairing): string =>
  [
    `Somebody who is not on the list has written in private: ${[displayName, username === undefined ? undefined : `@${username}`, userId].flatMap((each) => (each === undefined || each === '' ? [] : [shown(each)])).join(', ')}. Anybody can call themselves so. They hear nothing.`,
    `To let them in: ${commandHint(`pairing approve ${code}`)}`,
    'To keep them out, do nothing. The code ends in 24 hours.',
  ].join('\n\n');
