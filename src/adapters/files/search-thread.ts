import { parentPort } from 'node:worker_threads';
import { type Pattern, readPattern } from './pattern.ts';
import type { SearchAnswer, SearchTask } from './search-protocol.ts';
import { searchTree } from './search-tree.ts';

const answer = ({ place, query, hidden }: SearchTask): SearchAnswer => {
  let pattern: Pattern;
  try {
    pattern = readPattern(query.pattern, query.ignoreCase);
  } catch (error) {
    if (error instanceof SyntaxError) return { refused: error.message };
    throw error;
  }
  return { result: searchTree(place, pattern, query, hidden) };
};

parentPort?.on('message', (task: SearchTask) => parentPort?.postMessage(answer(task)));
