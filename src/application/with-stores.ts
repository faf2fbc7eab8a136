import { present } from '../domain/shared/present.ts';
import type { Storage } from '../ports/storage/storage.ts';
import type { Stores } from '../ports/storage/unit-of-work.ts';

type SomeStores = { readonly [K in keyof Stores]?: Stores[K] | undefined };

/** Your stores as one unit of work sees them. */
export interface OwnUnit {
  readonly stores: SomeStores;
  /**
   * Makes the unit's changes seen by everybody, after the storage's own have committed. Not called where the unit
   * rejects.
   */
  commit(): void | Promise<void>;
}

/**
 * The storage with some of its stores replaced by yours. With `begin`, each unit of work gets stores of its own, whose
 * changes are undone with the unit; without it, yours commit each call by itself, also inside of units. `begin` is
 * given the unit's own stores: where yours hold rows of chats, put a `chatMoves` around its one that moves them, too.
 */
export const withStores = <S extends Storage>(storage: S, replaced: SomeStores, begin?: (stores: Stores) => OwnUnit): S => ({
  ...storage,
  stores: { ...storage.stores, ...present(replaced) },
  unitOfWork: {
    run: async (work) => {
      let unit: OwnUnit | undefined;
      const result = await storage.unitOfWork.run((stores) => {
        unit = begin?.(stores);
        return work({ ...stores, ...present(unit?.stores ?? replaced) });
      });
      await unit?.commit();
      return result;
    },
  },
});
