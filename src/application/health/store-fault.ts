import { commandHint } from '../../domain/shared/command-form.ts';
import { present } from '../../domain/shared/present.ts';
import { isPortError, type PortErrorCode, reasonOf } from '../../ports/port-error.ts';

/** Why the store can't be used, and what to do about it, where that is known. */
export interface StoreFault {
  readonly reason: string;
  readonly help?: string;
}

export const storeFaultOf = (error: unknown): StoreFault => ({
  reason: reasonOf(error),
  ...present({ help: isPortError(error) ? (error.help ?? helpWith(error.code)) : undefined }),
});

/** Whatever the engine is. */
const helpWith = (code: PortErrorCode): string | undefined =>
  code === 'storage-full'
    ? 'make room on its disk'
    : code === 'storage-corrupt'
      ? `stop Kept, and bring back a backup: ${commandHint('backup list')} shows them`
      : undefined;
