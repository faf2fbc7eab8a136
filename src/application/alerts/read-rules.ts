import type { AlertReading, AlertReadings } from '../../domain/alert/evaluate.ts';
import { ALERT_RULE_IDS, type AlertRuleId, type AlertRules } from '../../domain/alert/rules.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { reasonOf } from '../../ports/port-error.ts';
import type { Redact } from '../../ports/redact.ts';
import { makeAskWithin } from '../loops/call-within.ts';
import type { AlertMemory } from './memory.ts';
import { ALERT_READERS, type AlertReader } from './readers.ts';
import type { AlertSources } from './sources.ts';

/** The longest that one rule may take to be read. */
const READ_MS = 5_000;
/** What changes slowly, or costs more to read, is read once in this time. */
const SLOW_MS = 60_000;
const SLOW: ReadonlySet<AlertRuleId> = new Set<AlertRuleId>([
  'service.errors',
  'service.response',
  'queue.undelivered',
  'queue.webhooks',
  'budget.used',
  'storage.backup',
]);

/** A rule that hangs is not read again for this long, unless it comes back. */
const HANGS_MS = 10 * 60_000;

/** Reads every rule that is not off, all at once, each within its time. Never rejects: what fails is absent. */
export type ReadRules = (now: number) => Promise<AlertReadings>;

export const makeReadRules = (deps: {
  readonly rules: AlertRules;
  readonly sources: AlertSources;
  readonly memory: AlertMemory;
  readonly clock: Clock;
  readonly events: Events;
  readonly redact: Redact;
  readonly readers?: Readonly<Record<AlertRuleId, AlertReader>>;
}): ReadRules => {
  const { rules, sources, memory, clock, events, redact, readers = ALERT_READERS } = deps;
  const last = new Map<AlertRuleId, { readonly at: number; readonly readings: readonly AlertReading[] }>();
  const failing = new Map<AlertRuleId, string>();
  const ask = makeAskWithin<readonly AlertReading[]>(clock, HANGS_MS);

  const read = async (rule: AlertRuleId, now: number): Promise<readonly AlertReading[] | undefined> => {
    const before = last.get(rule);
    if (before && SLOW.has(rule) && now >= before.at && now - before.at < SLOW_MS) return before.readings;
    try {
      const settings = rules[rule];
      const who = readers[rule];
      const found = await ask({ who, ms: READ_MS, ask: () => who({ now, settings, memory, sources }) });
      const readings = found.map((each) => (each.found === undefined ? each : { ...each, found: redact(each.found) }));
      last.set(rule, { at: now, readings });
      failing.delete(rule);
      return readings;
    } catch (error) {
      last.delete(rule);
      const reason = redact(reasonOf(error));
      // Once for each reason: it is read again in seconds.
      if (failing.get(rule) !== reason) events.emit({ type: 'alert-rule-unread', rule, reason });
      failing.set(rule, reason);
      return undefined;
    }
  };

  return async (now) => {
    const asked = ALERT_RULE_IDS.filter((rule) => rules[rule].severity !== 'off');
    const found = await Promise.all(asked.map(async (rule) => [rule, await read(rule, now)] as const));
    return Object.fromEntries(found.filter(([, readings]) => readings !== undefined));
  };
};
