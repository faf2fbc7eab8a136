/** Looks at the changes of the directory of its first argument; the second is for its own files. */
import { processGroups } from '../../src/adapters/child-process/index.ts';
import { makeGitChanges } from '../../src/adapters/git/index.ts';

const [directory = '', scratch = ''] = process.argv.slice(2);
await makeGitChanges({ scratch, groups: processGroups }).remember(directory, new AbortController().signal);
