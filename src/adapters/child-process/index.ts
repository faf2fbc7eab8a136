export { findBubblewrap } from './bubblewrap.ts';
export { type ChildCommand, type CommandExecutorOptions, makeCommandExecutor } from './command-executor.ts';
export { processGroups } from './process-group.ts';
export { type ChildEnd, type ChildRun, runChild } from './run-child.ts';
export { makeStartChild } from './start-child.ts';
