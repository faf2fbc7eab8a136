import { hasModel, providerIn } from './model-step.ts';
import { ownersOf } from './people-step.ts';
import type { Setup } from './setup.ts';
import { telegramIn, telegramOf } from './telegram-step.ts';

type Lacks = Pick<Setup, 'files' | 'flags'>;

/** What nobody can be asked for, and what neither flags nor files say. Each with the flags that would. */
export const missingFlags = (setup: Lacks): readonly string[] => [...ofModel(setup), ...ofTelegram(setup), ...ofPeople(setup)];

const ofModel = (setup: Lacks): readonly string[] => {
  const { flags, files } = setup;
  const provider = providerIn(flags);
  if (provider === undefined) {
    if (flags.modelKey !== undefined) return ['--provider anthropic|openai|compatible (whose key --model-key is)'];
    return hasModel(setup) ? [] : ['--model-key <key> with --provider anthropic|openai, or --base-url <url>, or --provider rehearsal'];
  }
  if (provider === 'compatible')
    return [
      ...((flags.baseUrl ?? files.current('OPENAI_BASE_URL')) ? [] : ['--base-url <url> (the address of the server)']),
      ...((flags.model ?? files.current('OPENAI_MODEL')) ? [] : ['--model <name> (a model that the server has)']),
    ];
  const key = provider === 'anthropic' ? 'ANTHROPIC_API_KEY' : 'OPENAI_API_KEY';
  return provider === 'rehearsal' || (flags.modelKey ?? files.current(key)) !== undefined ? [] : ['--model-key <key>'];
};

const ofTelegram = (setup: Lacks): readonly string[] => {
  const { flags, files } = setup;
  const way = telegramIn(flags);
  if (way === 'none' || (way === undefined && telegramOf(setup) !== undefined)) return [];
  const has = (flag: string | undefined, name: Parameters<typeof files.current>[0]): boolean => (flag ?? files.current(name)) !== undefined;
  const lacks = [
    ...(way === 'account' || has(flags.telegramToken, 'TELEGRAM_BOT_TOKEN') ? [] : ['--telegram-token <token> (from @BotFather)']),
    ...(has(flags.apiId, 'TELEGRAM_API_ID') ? [] : ['--api-id <number> (from https://my.telegram.org)']),
    ...(has(flags.apiHash, 'TELEGRAM_API_HASH') ? [] : ['--api-hash <hash> (from https://my.telegram.org)']),
  ];
  return lacks.length === 0 || way !== undefined ? lacks : [...lacks, '(or --telegram none)'];
};

const ofPeople = (setup: Lacks): readonly string[] => {
  const { flags } = setup;
  const isBot = telegramIn(flags) === 'bot' || (telegramIn(flags) === undefined && telegramOf(setup) !== 'account');
  if (telegramIn(flags) === 'none' || !isBot || flags.owner !== undefined || ownersOf(setup).length > 0) return [];
  return ["--owner <number> (who may talk to it: a person's number at Telegram)"];
};
