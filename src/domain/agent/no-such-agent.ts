import { nearestName } from '../shared/nearest-name.ts';

/** Says that no agent has this name, and which agents there are. */
export const noSuchAgent = (name: string, names: readonly string[]): string => {
  const near = nearestName(name, names);
  return `there is no agent named ${JSON.stringify(name)}${near === undefined ? `; there are ${names.join(', ')}` : `: did you mean ${near}?`}`;
};
