import { readFileSync } from 'node:fs';
import { makeRedactor } from '../../adapters/redaction/index.ts';
import { readProcessConfig } from '../../config/index.ts';
import { commandHint } from '../../domain/index.ts';
import { errorCode } from '../../domain/shared/error-code.ts';
import { CommandError, print, printError } from '../failures.ts';
import { replaceFile } from '../replace-file.ts';
import { warnOfGit } from '../warn-of-git.ts';
import { realPathOf } from '../whole-file.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * Writes `.mcp.json` from the keys of the environment and `.env`: a server for each service with a key. Other servers,
 * and what a person added to an entry, stay. A key that is missing, or still the placeholder of an example, changes
 * nothing.
 */
export const writeMcpConfig = ({ dryRun }: { readonly dryRun: boolean }): void => {
  const { config } = readProcessConfig();
  const path = realPathOf(config.mcp.path);
  const before = readJson(path);
  const { notion } = config;
  if (!notion) printError('NOTION_API_KEY is not set, or is no key: no server for Notion is written.');
  const servers = objectIn(before.mcpServers);
  const after = {
    ...before,
    mcpServers: { ...servers, ...(notion ? { notion: notionEntry(objectIn(servers.notion), notion.apiKey) } : {}) },
  };
  const text = `${JSON.stringify(after, null, 2)}\n`;
  if (dryRun) print(makeRedactor(config.secrets)(text.trimEnd()));
  else if (!notion && Object.keys(servers).length === 0) print('Nothing to write.');
  else {
    replaceFile(path, text, 'mcp/unwritable');
    print(`${path} has ${Object.keys(after.mcpServers).join(', ')}. ${commandHint('mcp doctor')} checks them.`);
    warnOfGit(path);
  }
};

/** The official server of Notion takes `NOTION_TOKEN`; an entry that has its key under another name keeps that name. */
const notionEntry = (entry: Json, apiKey: string): Json => {
  const env = objectIn(entry.env);
  const name = 'NOTION_API_KEY' in env && !('NOTION_TOKEN' in env) ? 'NOTION_API_KEY' : 'NOTION_TOKEN';
  const start = 'command' in entry || 'url' in entry ? {} : { command: 'npx', args: ['-y', '@notionhq/notion-mcp-server'] };
  return { ...start, ...entry, env: { ...env, [name]: apiKey } };
};

const objectIn = (value: unknown): Json => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {});

const readJson = (path: string): Json => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT') return {};
    throw new CommandError(`${path} can't be read (${errorCode(thrown) ?? 'unknown reason'}); nothing was written`, 'mcp/unreadable');
  }
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  } catch {
    // The words below say it, without quoting a key.
  }
  throw new CommandError(`${path} is no object of JSON; nothing was written: correct it, or move it away`, 'mcp/unreadable');
};
