import { randomBytes } from 'node:crypto';
import type { BotSetup, PrivateWords } from '../../adapters/telegram/index.ts';
import { oneLine } from '../../adapters/terminal/index.ts';
import { nativeId, type UserId } from '../../domain/chat/ids.ts';
import { reasonOf } from '../../ports/index.ts';
import { type Setup, StepFailed, untilHeard, untilItWorks, write } from './setup.ts';
import { telegramOf } from './telegram-step.ts';
import { type WrittenPerson, withOwner, withPerson } from './workspace-text.ts';

/** The owners whom the configuration names, by their numbers at Telegram. */
export const ownersOf = ({ files }: Pick<Setup, 'files'>): readonly string[] =>
  [...(files.config().policy.people ?? [])].flatMap(([id, { role }]) =>
    role === 'owner' && id.startsWith('telegram:') ? [nativeId(id)] : [],
  );

/** Who may talk to it: the owner, who may do everything, and others by their flags. */
export const peopleStep = async (setup: Setup): Promise<void> => {
  const { flags, tell } = setup;
  if (telegramOf(setup) === undefined) return;
  const owner = await ownerOf(setup);
  for (const id of flags.person ?? []) {
    const person = { id: id.replace(/^telegram:/, ''), name: id };
    write(setup, { workspaces: (before) => withPerson(before, person) });
    tell('person', `${id} may send direct messages`);
  }
  if (owner) writeOwner(setup, owner);
};

const ownerOf = async (setup: Setup): Promise<WrittenPerson | undefined> => {
  const { flags, person, tell } = setup;
  if (flags.owner !== undefined) return { id: numberOf(flags.owner), name: 'Owner' };
  const known = ownersOf(setup);
  if (known.length > 0) return void tell('owner', `kept (${known.join(', ')})`);
  const bot = person && (await untilItWorks(setup, setup.bot));
  const found = bot ? await findOwner(setup, bot) : await askOwner(setup);
  if (!found) tell('owner', `nobody: only groups of workspaces are answered, until --owner names somebody`);
  return found;
};

const numberOf = (written: string): string => {
  const [, number] = /^(?:telegram:)?([1-9]\d{0,12})$/.exec(written.trim()) ?? [];
  if (number === undefined)
    throw new StepFailed(
      `${JSON.stringify(written)} is no number of a person at Telegram`,
      'write it as 501: /whoami tells it',
      'init/no-person',
    );
  return number;
};

const askOwner = async (setup: Setup): Promise<WrittenPerson | undefined> => {
  const { person } = setup;
  if (!person) return undefined;
  return untilItWorks(setup, async () => {
    const id = await person.ask('Your own number at Telegram (Enter alone to leave it out): ');
    return id === '' ? undefined : { id: numberOf(id), name: 'Owner' };
  });
};

/** Waits for a message with a code that nobody else can know, and offers whoever wrote it. */
const findOwner = async (setup: Setup, bot: BotSetup): Promise<WrittenPerson | undefined> => {
  const { person, say } = setup;
  if (!person) return undefined;
  const { username, id } = bot.self;
  const code = randomBytes(5).toString('hex');
  say(`Who may talk to it? Send this to @${username ?? id} from your own account:

    /start ${code}

or open https://t.me/${username ?? id}?start=${code} and press START.`);
  for (;;) {
    const words = await untilHeard<PrivateWords>(setup, 'Waiting for it', (heard) =>
      bot.listen({ onPrivate: (said) => [`/start ${code}`, code].includes(said.text.trim()) && heard(said) }),
    );
    if (!words) return undefined;
    const number = nativeId(words.person);
    const name = oneLine(words.name ?? number);
    const shown = `${name} (${words.username === undefined ? '' : `@${words.username}, `}${number})`;
    if (await person.confirm(`${shown} has written it. Is that you?`, true)) {
      await sayThere(bot, words.person, say);
      return { id: number, name };
    }
  }
};

/** What is known goes on without it. */
const sayThere = async (bot: BotSetup, person: UserId, say: Setup['say']): Promise<void> => {
  try {
    await bot.say(person, 'That is you. Go on in the terminal: Kept is being set up there.');
  } catch (error) {
    say(`(It could not answer you there: ${reasonOf(error)})`);
  }
};

/** A bot says its self-pings where its owner has begun a chat. */
const writeOwner = (setup: Setup, owner: WrittenPerson): void => {
  const { files, tell } = setup;
  const isNew = telegramOf(setup) === 'bot' && files.current('TELEGRAM_OPERATOR_CHAT') === undefined;
  write(setup, {
    workspaces: (before) => withOwner(before, owner),
    ...(isNew ? { variables: { TELEGRAM_OPERATOR_CHAT: owner.id } } : {}),
  });
  tell('owner', `${owner.name} (${owner.id}) may talk to it, and do everything`);
};
