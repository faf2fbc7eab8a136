import { readFile, writeFile } from 'node:fs/promises';
import type { Message } from '../fakes/telegram/index.ts';
import { ADA, BOT, DEV_GROUP, type TelegramSite } from './telegram-site.ts';

const FIRST_PERSON = 10_001;
const FIRST_SUPERGROUP = 1_600_000_001;

export interface Crowd {
  /** Whitelisted people: each can write to the bot. */
  readonly people: readonly number[];
  /** Marked ids; every message there is answered. */
  readonly supergroups: readonly number[];
}

/** Adds people and supergroups to the site and to its configuration, before Kept is started. */
export const addCrowd = async (site: TelegramSite, { people, supergroups }: { people: number; supergroups: number }): Promise<Crowd> => {
  const { world } = site.server;
  const ids = Array.from({ length: people }, (_, at) => FIRST_PERSON + at);
  for (const id of ids) world.addUser({ id, firstName: `Person ${id}` });
  const groups = Array.from(
    { length: supergroups },
    (_, at) => world.addSupergroup({ id: FIRST_SUPERGROUP + at, title: `Room ${at}`, members: [ADA, BOT, ...ids] }).markedId,
  );
  const path = site.env.KEPT_CONFIG as string;
  const config = JSON.parse(await readFile(path, 'utf8'));
  config.workspaces['Acme Dev'].telegram_chat_ids = [DEV_GROUP, ...groups].map(String);
  for (const group of groups) config.telegram_groups[group] = 'Acme Dev';
  for (const id of ids) config.dm_whitelist.allowed_user_ids[id] = { description: `person ${id}` };
  await writeFile(path, JSON.stringify(config));
  return { people: ids, supergroups: groups };
};

/** The messages of the bot in that chat as they are now, after edits, oldest first. */
export const saidByBot = ({ server: { world } }: TelegramSite, chat: number): readonly Message[] =>
  world.history(BOT, chat).filter(({ from, deleted }) => from === BOT && !deleted);
