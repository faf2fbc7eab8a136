import type { RegisteredProcess } from '../../domain/index.ts';
import type { ProcessRegister } from '../../ports/index.ts';
import { select } from './rows.ts';
import type { Tables } from './tables.ts';

/** One process has this memory, and one clock. */
export const makeProcessRegister = ({ processes }: Tables): ProcessRegister => ({
  beat: async (process) => {
    const known = processes.get(process.id);
    if (known?.stoppedAt !== undefined) return;
    const { heartbeatAt, work } = process;
    processes.put(known ? { ...known, heartbeatAt, work } : process);
  },
  stop: async (id, at) => {
    const known = processes.get(id);
    if (known && known.stoppedAt === undefined) processes.put({ ...known, heartbeatAt: at, stoppedAt: at });
  },
  list: async ({ limit }) => select(processes.rows(), () => true, latestFirst, limit),
  purge: async ({ before, silentBefore, after, each, most }) => {
    const isOver = ({ stoppedAt, heartbeatAt }: RegisteredProcess): boolean =>
      stoppedAt !== undefined || heartbeatAt < silentBefore || heartbeatAt > after;
    const past = select(processes.rows(), isOver, latestFirst);
    const alike = new Map<string, number>();
    const gone = past.filter(({ role, host, heartbeatAt }, at) => {
      const group = JSON.stringify([role, host]);
      const nth = (alike.get(group) ?? 0) + 1;
      alike.set(group, nth);
      return heartbeatAt < before || heartbeatAt > after || nth > each || at >= most;
    });
    for (const { id } of gone) processes.remove(id);
    return gone.length;
  },
});

const latestFirst = (a: RegisteredProcess, b: RegisteredProcess): number =>
  b.heartbeatAt - a.heartbeatAt || (a.id === b.id ? 0 : a.id < b.id ? 1 : -1);
