import type { Command } from 'commander';
import { formatTable, stripControl } from '../../adapters/terminal/index.ts';
import { pairingView } from '../../adapters/views/index.ts';
import {
  clockTime,
  commandHint,
  isOpenPairing,
  PAIRING_STATUSES,
  type Pairing,
  type PairingStatus,
  type UserId,
  visible,
} from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import { print } from '../failures.ts';
import { TOKENS } from '../tokens.ts';
import { personNamed } from './access-subject.ts';
import { argument, choiceOption, limitOf } from './arguments.ts';
import { printJson, tableStyle, valueIn } from './outcome.ts';
import { tellOutcome } from './tell-outcomes.ts';
import { withContext, withContextToRead } from './with-context.ts';

interface Json {
  readonly json?: boolean;
}

export const addPairing = (program: Command): void => {
  const pairing = program.command('pairing').description('strangers who wrote in private: list them, let them in, shut them out');

  pairing
    .command('list')
    .description('list who asks to be let in and who is let in, newest first')
    .addOption(choiceOption('--status <status...>', 'only these (default: asked, paired)', PAIRING_STATUSES))
    .option('--limit <n>', 'maximum number', argument(limitOf), 50)
    .option('--json', 'as JSON')
    .action(({ json, status, limit }: Json & { status?: PairingStatus[]; limit: number }) =>
      withContextToRead(async ({ get }) => {
        const { listPairings } = await get(TOKENS.commands);
        const { policy, timeZone } = await get(TOKENS.config);
        const found = await listPairings({ limit, ...present({ statuses: status }) });
        if (json) return printJson({ pairings: found.map(pairingView) });
        if (!policy.whitelist.pairing)
          print('Pairing is off: owners are not asked, and nobody is let in by it. dm_whitelist.pairing turns it on.');
        print(found.length === 0 ? 'Nobody asks to be let in.' : table(found, timeZone));
      }),
    );

  pairing
    .command('approve')
    .description('let in the person with this code, as if dm_whitelist named them')
    .argument('<code>', 'the code, as the message to the owners has it')
    .option('--json', 'as JSON')
    .action((code: string, { json }: Json) =>
      withContext(async ({ get }) => {
        const { approvePairing } = await get(TOKENS.commands);
        tellOutcome(await approvePairing(code), { json, ...WORDS });
      }),
    );

  pairing
    .command('revoke')
    .description('shut somebody out, now and for good; nothing is said in any chat')
    .argument('<person>', 'telegram:<id>, or a name from "people"')
    .option('--json', 'as JSON')
    .action((person: string, { json }: Json) =>
      withContext(async ({ get }) => {
        const { policy } = await get(TOKENS.config);
        const { sender } = valueIn(personNamed(policy, person));
        const { revokePairing } = await get(TOKENS.commands);
        tellOutcome(await revokePairing(sender.id), { json, ...WORDS });
      }),
    );
};

const WORDS = {
  view: pairingView,
  words: ({ userId, status }: Pairing): string =>
    status === 'paired'
      ? `${nameIn(userId)} is let in. To take it back: ${commandHint(`pairing revoke ${userId}`)}`
      : `${nameIn(userId)} is not let in. Nothing was said in any chat.`,
};

const nameIn = (userId: UserId): string => stripControl(userId);

const table = (pairings: readonly Pairing[], timeZone: string): string =>
  formatTable(
    pairings.map((pairing) => ({
      person: pairing.userId,
      name: [visible(pairing.displayName ?? ''), pairing.username === undefined ? '' : `@${pairing.username}`].filter(Boolean).join(' '),
      status: pairing.status === 'asked' && !isOpenPairing(pairing, Date.now()) ? 'expired' : pairing.status,
      code: pairing.code,
      asked: clockTime(pairing.askedAt, timeZone),
    })),
    [
      { key: 'person', title: 'PERSON' },
      { key: 'status', title: 'STATUS' },
      { key: 'code', title: 'CODE' },
      { key: 'asked', title: 'ASKED' },
      { key: 'name', title: 'CALLS THEMSELVES', flexible: true },
    ],
    tableStyle(),
  );
