import { stat } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { makeSecretFinder } from '../../domain/redaction/redactor.ts';
import { isKept, keptIdentities } from './kept-files.ts';
import { type Pattern, readPattern } from './pattern.ts';
import type { SearchAnswer, SearchTask } from './search-protocol.ts';
import { searchTree } from './search-tree.ts';

const { secrets }: { readonly secrets: readonly string[] } = workerData;
const findSecrets = makeSecretFinder(secrets);

const NOTHING = { matches: [], total: 0, filesMatched: 0, filesSearched: 0, filesSkipped: 1 };

const answer = async ({ place, query, hidden }: SearchTask): Promise<SearchAnswer> => {
  let pattern: Pattern;
  try {
    pattern = readPattern(query.pattern, query.ignoreCase);
  } catch (error) {
    if (error instanceof SyntaxError) return { refused: error.message };
    throw error;
  }
  const kept = await keptIdentities(place.root, hidden);
  if (await isKept(kept, place.root, place.path, await stat(place.path))) return { result: NOTHING };
  return { result: searchTree(place, pattern, query, { hidden, kept, findSecrets }) };
};

parentPort?.on('message', async (task: SearchTask) => parentPort?.postMessage(await answer(task)));
