import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { link, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Command } from 'commander';
import { commandHint } from '../../domain/index.ts';
import { errorCode } from '../../domain/shared/error-code.ts';
import { plural } from '../../domain/shared/plural.ts';
import { isProcessAlive } from '../../ports/adapter-kit/process-alive.ts';
import type { ExportedRecord, PersonalData } from '../../ports/index.ts';
import type { AppContext } from '../container.ts';
import { CommandError, printError, UsageError } from '../failures.ts';
import { TOKENS } from '../tokens.ts';
import { subjectNamed } from './access-subject.ts';
import { valueIn } from './outcome.ts';
import { withContextToRead } from './with-context.ts';

type Subject = Parameters<PersonalData['records']>[0];

export const addExport = (program: Command): void => {
  program
    .command('export')
    .description('write what is kept of a chat or a person as lines of JSON')
    .argument('<chat|person>', 'an id such as telegram:501 or telegram:-1001234567890, local:1, or a name of the configuration')
    .option('--out <file>', 'a new file, for its owner alone; default: standard output')
    .action((named: string, { out }: { readonly out?: string }) =>
      withContextToRead(async (root) => {
        const { personalData } = await root.get(TOKENS.engine);
        if (!personalData) throw new CommandError('this storage keeps nothing', 'export/nothing-kept');
        const records = personalData.records(await subjectOf(root, named));
        if (out === undefined) {
          await writeTo(process.stdout, records);
          return;
        }
        printError(`${plural(await writeFileOf(resolve(out), records), 'record')} written to ${resolve(out)}.`);
      }),
    );
};

const subjectOf = async ({ get }: AppContext, named: string): Promise<Subject> => {
  const found = valueIn(subjectNamed(await get(TOKENS.policy), named));
  if (found.type === 'person') {
    if (!found.hasId) throw new UsageError(`${named} has no id here: name the id, as ${commandHint('audit')} shows it`, 'export/no-id');
    return { person: found.sender.id };
  }
  if (!found.chat) throw new UsageError(`${named} has no chat: name a workspace that has one, or the id of a chat`, 'export/no-chat');
  return { chatId: found.chat.id };
};

/** Waits for a slow reader, so that nothing piles up here. Resolves to how many records there were. */
const writeTo = async (stream: NodeJS.WritableStream, records: AsyncIterable<ExportedRecord>): Promise<number> => {
  let count = 0;
  for await (const record of records) {
    count++;
    if (!stream.write(`${JSON.stringify(record)}\n`)) await once(stream, 'drain');
  }
  return count;
};

/** Whole or not at all, and never over another file. */
const writeFileOf = async (path: string, records: AsyncIterable<ExportedRecord>): Promise<number> => {
  const draft = `${path}${draftEnding(process.pid)}`;
  try {
    await sweep(path);
    if (existsSync(path)) throw taken(path);
    const stream = createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true });
    const ended = finished(stream);
    const count = await Promise.race([writeTo(stream, records), ended.then(() => 0)]);
    stream.end();
    await ended;
    await link(draft, path);
    return count;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') throw taken(path);
    if (errorCode(error) === undefined) throw error;
    throw new CommandError(
      `${path} can't be written (${errorCode(error)}): name a file in a directory that is there`,
      'export/not-written',
    );
  } finally {
    await rm(draft, { force: true });
  }
};

const draftEnding = (pid: number): string => `.${pid}@${hostname()}.draft`;

/** What exports to the same file have left that were killed: words of people are in it. */
const sweep = async (path: string): Promise<void> => {
  for (const name of await readdir(dirname(path))) {
    const pid = Number(/\.(\d+)@/.exec(name.slice(basename(path).length))?.[1] ?? 0);
    const isDraft = name === `${basename(path)}${draftEnding(pid)}`;
    // A process that has the number of this one is gone, too.
    if (isDraft && (pid === process.pid || !isProcessAlive(pid))) await rm(join(dirname(path), name), { force: true });
  }
};

const taken = (path: string): CommandError => new CommandError(`${path} is there already: name a new file`, 'export/file-exists');
