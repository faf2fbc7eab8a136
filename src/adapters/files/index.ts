export { workspacePlaces } from './places.ts';
export { makeWorkspaceFiles } from './workspace-files.ts';
