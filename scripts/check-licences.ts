/** `npm run licences`: whether every package that Kept is installed with may be shipped. Asks nobody. */
import { licenceFaults } from './licences.ts';
import { productionPackages, readLock } from './packages.ts';

const packages = productionPackages(readLock());
const faults = licenceFaults(packages);
for (const fault of faults) console.error(fault);
console.log(
  `licences: ${packages.length} packages, ${faults.length === 0 ? 'each may be shipped' : `${faults.length} may not be shipped`}`,
);
if (faults.length > 0) process.exitCode = 1;
