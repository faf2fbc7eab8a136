import type { EndVerdict } from '../process/supervision.ts';
import type { Facts } from './notices.ts';

/** Loops, leadership and processes. */
export type ProcessEvent =
  | {
      /** A unit of work that ends a turn, or attempts at promises, is stored, or the storage refused it. */
      readonly type: 'commit-ended';
      readonly what: 'turn' | 'promises';
      readonly outcome: 'stored' | 'failed';
      readonly durationMs: number;
    }
  | { readonly type: 'poll-failed'; readonly loop: string; readonly failures: number; readonly reason: string; readonly error: unknown }
  | { readonly type: 'poll-recovered'; readonly loop: string; readonly failures: number }
  | { readonly type: 'leader-elected'; readonly holder: string }
  | { readonly type: 'leader-standby'; readonly leader: string }
  | { readonly type: 'leader-lost'; readonly leader: string }
  | { readonly type: 'leader-lease-not-renewed'; readonly leaseMs: number }
  | {
      readonly type: 'leader-session-failed';
      readonly at: 'begin' | 'end' | 'resign';
      readonly reason: string;
      readonly error: unknown;
    }
  | { readonly type: 'process-started'; readonly role: string; readonly facts: Facts; readonly leader?: string }
  | { readonly type: 'process-stopping'; readonly role: string; readonly waits: readonly string[] }
  | { readonly type: 'process-crashed'; readonly reason: string; readonly error: unknown }
  | { readonly type: 'process-failed'; readonly reason: string; readonly error?: unknown }
  | {
      /** The service manager that runs this process can't be told how it is. */
      readonly type: 'service-manager-not-told';
      readonly reason: string;
    }
  | {
      /** This process gives no sign of life, as its store has given no answer for so long. */
      readonly type: 'watchdog-withheld';
      readonly stalledMs: number;
    }
  | { readonly type: 'child-started'; readonly name: string; readonly child: number }
  | {
      /** A supervised process ended, and nobody had asked it to. */
      readonly type: 'child-ended';
      readonly name: string;
      /** Its process id. */
      readonly child: number;
      /** `exit code 1` */
      readonly end: string;
      readonly servedMs: number;
      readonly verdict: EndVerdict;
      /** After what time it is started again; 0 where it is not. */
      readonly againMs: number;
    }
  /** A supervised process that was started again did not come to serve, and is killed. */
  | { readonly type: 'child-not-serving'; readonly name: string; readonly child: number; readonly reason: string }
  | { readonly type: 'child-not-spawned'; readonly name: string; readonly reason: string; readonly error: unknown }
  | { readonly type: 'run-note-not-written'; readonly reason: string; readonly error: unknown }
  | { readonly type: 'supervisor-state-not-written'; readonly reason: string; readonly error: unknown }
  | {
      /** The supervisor of this process is gone, and nobody had asked it to end. */
      readonly type: 'supervisor-lost';
      /** Its process id. */
      readonly supervisor: number;
    }
  | {
      /** The supervisor that ran last was never stopped. */
      readonly type: 'supervisor-found-lost';
      readonly supervisor: number;
      /** Its last sign of life, as an ISO time; `endedAt`: when what it ran noticed its end, if anything did. */
      readonly seenAt: string;
      readonly endedAt?: string;
      /** What it ran: `bot (PID 7)`. */
      readonly ran: readonly string[];
    }
  | { readonly type: 'child-recovered'; readonly name: string }
  | { readonly type: 'child-stalled'; readonly name: string; readonly child: number; readonly silentMs: number }
  | { readonly type: 'restart-rolled'; readonly unansweredMs: number; readonly failure?: string }
  | { readonly type: 'takeover-not-told'; readonly reason: string; readonly error: unknown }
  | { readonly type: 'part-not-stopped'; readonly part: string; readonly reason: string; readonly error: unknown }
  | { readonly type: 'configuration-warned'; readonly place: string; readonly hint: string; readonly problem: string }
  | { readonly type: 'configuration-applied'; readonly files: readonly string[] }
  | {
      readonly type: 'configuration-refused';
      readonly files: readonly string[];
      readonly problems: readonly string[];
      readonly count: number;
    }
  | { readonly type: 'configuration-not-applied'; readonly files: readonly string[]; readonly reason: string; readonly error: unknown }
  | { readonly type: 'audit-not-stored'; readonly kind: string; readonly reason: string }
  | { readonly type: 'workers-found-dead'; readonly dead: readonly string[] }
  | { readonly type: 'self-ping-failed'; readonly road: string; readonly reason: string };
