import type { Command } from 'commander';
import type { Config } from '../../config/index.ts';
import { type AccessPolicy, type Chat, commandHint, MAX_PAIRED } from '../../domain/index.ts';
import { hasData } from '../data-dir.ts';
import { CommandError, EXIT, print, UsageError } from '../failures.ts';
import { TOKENS } from '../tokens.ts';
import { chatNamed, type NamedPerson, ownChatOf, personNamed, subjectNamed } from './access-subject.ts';
import { loadConfigToLook, printJson, valueIn } from './outcome.ts';
import { withContextToRead } from './with-context.ts';

interface AccessOptions {
  readonly as?: string;
  readonly chat?: string;
  readonly mention?: boolean;
  readonly json?: boolean;
}

export const addAccess = (program: Command): void => {
  program
    .command('access')
    .description('list what somebody may do and why, or simulate a message of theirs; exit code 1 if they are not heard')
    .argument('[subject]', 'a person (telegram:<id>, @username, a name from "people", operator) or a chat; with --as, the message')
    .option('--chat <chat>', 'only in this chat: its id, or a workspace')
    .option('--as <person>', 'simulate a message of this person: nothing is run, asked or stored')
    .option('--mention', 'with --as: the message mentions the agent, or replies to it')
    .option('--json', 'as JSON')
    .action(async (subject: string | undefined, options: AccessOptions) => {
      if (options.as === undefined) await tellRights(subject, options);
      else await tellSimulation(subject, options.as, options);
    });
};

const tellRights = async (subject: string | undefined, { chat, mention, json = false }: AccessOptions): Promise<void> => {
  if (mention) throw new UsageError('--mention says something of a simulated message: name who sends it with --as', 'usage/missing-as');
  if (subject === undefined)
    throw new UsageError('name a person or a chat, or simulate a message with --as <person> "text"', 'usage/missing-argument');
  const [config, list] = await Promise.all([configNow(), import('./access-list.ts')]);
  const { policy } = config;
  const found = valueIn(chat === undefined ? subjectNamed(policy, subject) : personNamed(policy, subject));
  if (found.type === 'chat') {
    tell(list.listChat(policy, found), list.chatInWords, json);
    return;
  }
  const only = chat === undefined ? undefined : valueIn(chatNamed(policy, chat));
  tell(list.listPerson(policy, found, only, await list.answerersFor(config, found, only)), list.personInWords, json);
};

const tellSimulation = async (
  text: string | undefined,
  as: string,
  { chat, mention = false, json = false }: AccessOptions,
): Promise<void> => {
  if (text === undefined)
    throw new UsageError(`with --as, write the message: ${commandHint('access --as <person> "text"')}`, 'usage/missing-argument');
  const config = await configNow();
  const person = valueIn(personNamed(config.policy, as));
  const where = chatOf(config.policy, person, chat);
  const { simulate, simulationInWords } = await import('./access-simulation.ts');
  const simulated = await simulate(config, { person, chat: where, text, isMention: mention });
  tell(simulated, (each) => simulationInWords(each, person), json);
};

/** Where an error makes rights or limits others than those that were meant: which model answers is none. */
const saysWhoMay = (place: string): boolean =>
  RIGHTS_VARIABLES.has(place) || !(/^[A-Z][A-Z\d_]*$/.test(place) || place.endsWith('.cheaper_model'));
const RIGHTS_VARIABLES = new Set(['KEPT_CONFIG', 'TELEGRAM_ALLOWED_GROUPS', 'KEPT_PROMISE_USD']);

/** The configuration, and whom an owner has let in beside it, where there is stored state. */
const configNow = async (): Promise<Config> => {
  const { config } = loadConfigToLook(saysWhoMay);
  if (!config.policy.whitelist.pairing || !hasData(config)) return config;
  const paired = await withContextToRead(async ({ get }) =>
    (await get(TOKENS.commands)).listPairings({ statuses: ['paired'], limit: MAX_PAIRED }),
  );
  const people = new Set(paired.map(({ userId }) => userId));
  return { ...config, policy: { ...config.policy, whitelist: { ...config.policy.whitelist, pairing: people } } };
};

/** The chat that is named, else the person's own. */
const chatOf = (policy: AccessPolicy, person: NamedPerson, named: string | undefined): Chat => {
  if (named === undefined) return ownChatOf(person);
  const found = valueIn(chatNamed(policy, named));
  if (found.chat) return found.chat;
  const place = `workspaces.${found.workspace?.name}.telegram_chat_ids`;
  throw new CommandError(`the workspace ${found.workspace?.name} has no group: name one in ${place}`, 'access/no-chat');
};

const tell = <T extends { readonly allowed: boolean }>(told: T, inWords: (told: T) => string, json: boolean): void => {
  if (!told.allowed) process.exitCode = EXIT.bad;
  if (json) printJson(told);
  else print(inWords(told));
};
