import type { Storage } from '../../src/ports/index.ts';
import { type Contract, type Opened, runContract, storageContracts } from '../../src/testing/index.ts';

/** One mocha test for each obligation of a port. */
export const certify = <Subject>(
  title: string,
  contract: Contract<Subject>,
  open: () => Promise<Opened<Subject>> | Opened<Subject>,
): void => runContract({ describe, it }, title, contract, open);

/** Every storage port's obligations, on one engine. */
export const certifyStorage = (engine: string, open: () => Promise<Opened<Storage>> | Opened<Storage>): void => {
  for (const [port, contract] of Object.entries(storageContracts)) certify(`${port}: ${engine}`, contract, open);
};
