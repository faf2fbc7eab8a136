import type { Storage } from '../ports/storage.ts';
import type { Stores } from '../ports/unit-of-work.ts';

/** The storage with some of its stores replaced by yours, inside units of work too. Yours commit by themselves, not with the others. */
export const withStores = <S extends Storage>(storage: S, replaced: Partial<Stores>): S => ({
  ...storage,
  stores: { ...storage.stores, ...replaced },
  unitOfWork: { run: (work) => storage.unitOfWork.run((stores) => work({ ...stores, ...replaced })) },
});
