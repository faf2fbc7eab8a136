import { statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ClaudeSdk } from '../../src/adapters/claude-code/index.ts';
import { CLAUDE_SDK } from './claude-places.ts';
import { needs } from './needs.ts';

const place = CLAUDE_SDK ?? '';

needs(async () => {
  if (!statSync(join(place, 'sdk.mjs'), { throwIfNoEntry: false }))
    throw new Error('Set KEPT_TEST_CLAUDE_SDK to the directory of @anthropic-ai/claude-agent-sdk, or run `npm run try:claude-code`.');
});

export const loadClaudeSdk = (): Promise<ClaudeSdk> => import(pathToFileURL(join(place, 'sdk.mjs')).href);
