import { type Config, loadProcessConfig } from '../../src/config/index.ts';

/** The configuration of a process with that environment. Throws what is wrong with it. */
export const configOf = (env: NodeJS.ProcessEnv, cwd: string): Config => {
  const loaded = loadProcessConfig(env, cwd);
  if (!loaded.ok) throw new Error(loaded.error.map(({ place, problem }) => `${place}: ${problem}`).join('\n'));
  return loaded.value;
};
