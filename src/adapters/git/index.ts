export { makeGitChanges } from './git-changes.ts';
