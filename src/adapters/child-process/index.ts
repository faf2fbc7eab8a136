export { type ChildCommand, type CommandExecutorOptions, makeCommandExecutor } from './command-executor.ts';
export { type ChildEnd, type ChildRun, runChild } from './run-child.ts';
