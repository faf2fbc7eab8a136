import { FEW, type Sizes } from './measure.ts';

/** How it was measured, and what bounds it. */
export const notes = ({ rounds, warmUp, drainMs, pickUps, claims }: Sizes): string => `### How

Jobs carry 300 characters and do nothing. Everybody has a fresh database for each figure, on one disk; PostgreSQL is one server with its default
settings (\`fsync\` on). Contenders take turns, ${rounds} rounds of all; a figure is the middle one of its rounds, with the least and the most
of them, and a bar compares rounds pairwise. Every run checks that each job ran exactly once and is recorded as done.

- **Drained**: the queue is filled, then workers start, each in a process of its own. ${warmUp} jobs before don't count, and say how many take about
  ${drainMs / 1_000} s. Kept runs its real worker: each outcome is also put into the outbox and the conversation of its chat, by the commit that settles the
  promise, and nobody else here delivers anything. "Its queue alone" is what the others do: \`queue.claim\` and \`promises.saveMany\`, no outcome.
  Promises are of 200 chats, with as many in progress for each as is the default (8).
- pg-boss has LISTEN/NOTIFY, batches as large as Kept runs side by side, and fetches at once after a full batch. plainjob runs one job after the other
  (it is asked every 10 ms at rest, by default each second), so that it is measured once for each number of processes. graphile-worker "batched" has a
  local queue of 500 and completes in batches. All databases of SQLite are opened by the same library; Kept has no such setting as
  \`synchronous=NORMAL\`: it is there to compare.
- **Enqueued**: by one process while nobody works. In batches, Kept adds what it has drafted by one unit of work, and the others use their call for many.
- **Pick-up**: ${pickUps} jobs, ${FEW} at once at the most, one process asks and another works; at rest, so that each job wakes a worker. From when the one who
  asked was told that the job is stored, or from when it asked.
- **A claim**: the middle one of ${claims} for each size, in turns, ten promises each, from three databases.
- **Late**: promises that start at a given time, and second attempts that are due 0.7 s after the first has failed; no bar is set for the others.
- BullMQ is measured on PostgreSQL; on Redis it is left out, as neither Redis nor a client for it is among the development dependencies.

### What bounds it

- **Embedded, drained.** A commit to disk for each ${FEW} (or 100) promises: the claim of the next ones and the ends of the last share it. With more side by side the
  CPU is the bound. Two thirds of it are SQLite's: each promise is inserted once and updated twice with nine indexes, and its outcome is
  inserted twice. A row that comes out of a JSON parameter costs about 10 to 15 µs more than one whose values are bound one by one; that is
  the largest part that could still go. plainjob writes one row with one index, twice.
- **Embedded, several processes** take turns at the one lock that SQLite has, and each reads anew what another has changed: more of them are no faster. They are for
  safety, and for work that takes its time.
- **Embedded, enqueued in batches**: the same rows and indexes, and JSON. One by one it is one commit for each, as for anybody; all at once they share commits.
- **On PostgreSQL** a promise takes what a job of pg-boss takes, which is inside the same transactions, and the promise's own row twice, the outbox and the conversation
  beside it: two transactions of about ten statements where pg-boss has two statements. It can't be as fast as pg-boss alone with jobs that do nothing. What a promise
  does instead takes seconds.
`;
