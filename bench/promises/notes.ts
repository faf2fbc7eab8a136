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

- **Embedded, drained.** With ${FEW} side by side, a promise takes about 0.18 ms of one processor: a third of it is JavaScript (attempts, timers, signals,
  rows), a third are the statements (two updates, two inserts, the claim's reads), a third is the commit, one for the ends of the last ${FEW} and the claim
  of the next. That writes 35 pages, of which 40 % are rows and the rest their indexes: outcomes go to many chats, whose places in
  \`outbox_pending\` and \`conversation_by_chat\` are far apart. plainjob writes one row with one index, twice. With 100 side by side a promise's part of the commit is a
  third of that. Whether the disk syncs (FULL) or not (NORMAL) makes little difference to Kept, and a great one to plainjob.
- **Embedded, several processes** take turns at the one lock that SQLite has, and each reads anew what another has changed: more of them are no faster. They are for
  safety, and for work that takes its time.
- **Embedded, enqueued**: a promise has six indexes when it is made (by number, turn, tenant's turn, chat, tenant, and what is open), a job of plainjob one. In batches
  that is the bound; one by one it is the commit of about eight pages, and the turn of the event loop in which others could join it.
- **On PostgreSQL, drained**: a promise takes what a job of pg-boss takes, inside the same transactions, and beside it its own row twice, the outbox and the conversation.
  Of ${FEW} promises, in ms of the server (\`pg_stat_statements\`): pg-boss's fetch 0.75 and 0.25 to 0.45 to plan it, its delete 0.42, the two updates of
  promises 0.46 each, outbox 0.35, reading and locking 0.4, conversation 0.2; two commits to disk; and about 4 ms of Node, in seven round trips. pg-boss alone has two
  statements, 0.84 and 0.50. Both processors are busy then: with the same job beneath, it can't be as fast as pg-boss alone with jobs that do nothing. What a promise
  does instead takes seconds.
- **Pick-up on PostgreSQL**: NOTIFY follows the commit by a round trip of its own (in the transaction it would put all commits in a row), and the claim takes a look and four round
  trips, the last one a commit to disk, where pg-boss has one statement.
`;
