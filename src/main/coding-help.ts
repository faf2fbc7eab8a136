import { createRequire } from 'node:module';
import { join } from 'node:path';
import { makeRedactor } from '../adapters/redaction/index.ts';
import type { Config } from '../config/index.ts';
import { USUAL_PATH } from '../config/process-config.ts';
import { errorCode } from '../domain/shared/error-code.ts';
import { reasonOf } from '../ports/index.ts';

const CLAUDE_SDK = '@anthropic-ai/claude-agent-sdk';

/** The file of the SDK: beside Kept, else below the directory in which it was started. Throws if there is none. */
export const findClaudeSdk = (): string => {
  for (const place of [import.meta.url, join(process.cwd(), 'package.json')]) {
    try {
      return createRequire(place).resolve(CLAUDE_SDK);
    } catch (error) {
      if (errorCode(error) !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  throw new Error(`${CLAUDE_SDK} is neither beside Kept nor in ${process.cwd()}`);
};

/** Why the SDK can't be loaded, and what helps; undefined where it is there. */
export const whyClaudeIsMissing = (): { readonly problem: string; readonly hint: string } | undefined => {
  try {
    findClaudeSdk();
    return undefined;
  } catch (error) {
    return { problem: reasonOf(error), hint: `run \`npm install ${CLAUDE_SDK}\` in one of them` };
  }
};

/** Which coding agent there is, whether it is found, and whether it is contained: a line for the operator. */
export const codingWords = async ({ coding: { agent }, secrets }: Pick<Config, 'coding' | 'secrets'>): Promise<string> => {
  if (!agent) return 'not used';
  const { findBubblewrap } = await import('../adapters/child-process/index.ts');
  const bubblewrap = await findBubblewrap(process.env.PATH ?? USUAL_PATH);
  const missing = agent.kind === 'claude-code' && whyClaudeIsMissing() !== undefined;
  const named = agent.kind === 'acp' ? makeRedactor(secrets)(`acp:${agent.command.join(' ')}`) : agent.kind;
  return `${named}${missing ? ', whose package is missing' : ''}, ${bubblewrap === undefined ? 'without bubblewrap' : 'in bubblewrap'}`;
};
