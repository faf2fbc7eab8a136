import type { Clock, Events } from '../../ports/index.ts';
import { type LeftOut, type Listing, listedTools } from './listed-tools.ts';

/** A list that changes all the time is read this often. */
const RELOAD_MS = 2_000;
const NOTHING: Listing = { tools: [], leftOut: [] };
/** How many names an event has. */
const NAMED = 10;

/** Reads what the server lists; undefined if that is of no use any more. */
type Read = () => Promise<readonly unknown[] | undefined>;

/** What a server listed last. */
export interface KeptListing {
  current(): Listing;
  /** Takes what the server lists now, and tells what has changed. */
  take(listed: readonly unknown[]): void;
  /** Reads the list again, soon, and once for many calls. */
  readAgain(read: Read): void;
}

export const keepListing = ({
  server,
  clock,
  events,
  onListing,
}: {
  readonly server: string;
  readonly clock: Clock;
  readonly events: Events;
  readonly onListing: () => void;
}): KeptListing => {
  let listing: Listing | undefined;
  let reading: { again?: Read } | undefined;

  const tellChanges = (before: Listing, next: Listing): void => {
    const [were, are] = [namesOf(before), namesOf(next)];
    const added = are.filter((name) => !were.includes(name)).slice(0, NAMED);
    const removed = were.filter((name) => !are.includes(name)).slice(0, NAMED);
    events.emit({ type: 'mcp-tools-changed', server, added, removed });
  };

  const take = (listed: readonly unknown[]): void => {
    const before = listing;
    listing = listedTools(server, listed);
    if (JSON.stringify(before) === JSON.stringify(listing)) return;
    if (before) tellChanges(before, listing);
    for (const [reason, same] of Map.groupBy(listing.leftOut, (one: LeftOut) => one.reason))
      events.emit({
        type: 'mcp-tools-left-out',
        server,
        reason,
        tools: same.slice(0, NAMED).map(({ tool }) => tool),
        count: same.length,
      });
    onListing();
  };

  const readAgain: KeptListing['readAgain'] = (read) => {
    if (reading) {
      reading.again = read;
      return;
    }
    const mine: { again?: Read } = {};
    reading = mine;
    const readOnce = async (): Promise<void> => {
      const listed = await read();
      if (listed) take(listed);
      clock.after(RELOAD_MS, () => {
        reading = undefined;
        if (mine.again) readAgain(mine.again);
      });
    };
    void readOnce();
  };

  return { current: () => listing ?? NOTHING, take, readAgain };
};

const namesOf = ({ tools }: Listing): readonly string[] => tools.map(({ name }) => name);
