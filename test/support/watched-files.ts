import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';

type Call = (...args: unknown[]) => unknown;

/** How calls on files go while they are watched. `real` does what was asked for. */
export type Watch = (call: { readonly name: string; readonly path: string; readonly real: () => unknown }) => unknown;

const pathOf = (value: unknown): string | undefined =>
  value instanceof URL ? fileURLToPath(value) : Buffer.isBuffer(value) ? value.toString() : typeof value === 'string' ? value : undefined;

const isBelow = (path: string | undefined, directory: string): path is string =>
  path !== undefined && (path === directory || path.startsWith(directory + sep));

/** Sends each call of `fs` on what is in `directory` through `watch`. Returns how that ends. */
export const watchFiles = (directory: string, watch: Watch): (() => void) => {
  const undo = [fs as unknown as Record<string, unknown>, fs.promises as unknown as Record<string, unknown>].flatMap((calls) =>
    Object.entries(calls).flatMap(([name, original]) => {
      if (typeof original !== 'function' || !/^[a-z]/.test(name)) return [];
      const real = original as Call;
      const watched = function (this: unknown, ...args: unknown[]): unknown {
        const path = args
          .slice(0, 2)
          .map(pathOf)
          .find((each) => isBelow(each, directory));
        return path === undefined ? real.apply(this, args) : watch({ name, path, real: () => real.apply(this, args) });
      };
      calls[name] = Object.assign(watched, real);
      return [
        () => {
          calls[name] = real;
        },
      ];
    }),
  );
  syncBuiltinESMExports();
  return () => {
    for (const each of undo) each();
    syncBuiltinESMExports();
  };
};
