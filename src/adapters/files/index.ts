export { makeWorkspaceFiles } from './workspace-files.ts';
