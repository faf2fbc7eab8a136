import { createRequire } from 'node:module';
import type { DoctorParts, Looks } from './parts.ts';

/** As package.json has it: `>=22.14`. */
const NEEDED = (createRequire(import.meta.url)('../../../package.json') as { engines: { node: string } }).engines.node;

/** What Kept runs on. */
export const nodeLook = ({ nodeVersion }: Pick<DoctorParts, 'nodeVersion'>): Looks['system.node'] => {
  const oldest = NEEDED.replace(/^\D*/, '');
  return async () =>
    isAsNew(nodeVersion, oldest)
      ? { status: 'ok', message: `Node ${nodeVersion}` }
      : {
          status: 'fail',
          message: `Node ${nodeVersion} is older than ${oldest}`,
          where: process.execPath,
          fixHint: `install Node ${oldest} or newer, and start Kept with it`,
        };
};

const isAsNew = (version: string, oldest: string): boolean => {
  const [numbers, needed] = [version, oldest].map((text) => text.split('.').map(Number)) as [number[], number[]];
  for (let i = 0; i < needed.length; i++) if ((numbers[i] ?? 0) !== (needed[i] ?? 0)) return (numbers[i] ?? 0) > (needed[i] ?? 0);
  return true;
};
