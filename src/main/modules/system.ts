import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Container } from 'inversify';
import { cronCalendar } from '../../adapters/cron/index.ts';
import { makeReadDiskRoom } from '../../adapters/probes/index.ts';
import { systemClock, systemCorrelation, systemRandomness } from '../../adapters/system/index.ts';
import { makeContent } from '../../application/index.ts';
import { bind } from '../bind.ts';
import { redactorOf } from '../redactor-of.ts';
import { TOKENS } from '../tokens.ts';

const T = TOKENS;

/** Clock, randomness and redaction: what every role needs. */
export const bindSystem = (container: Container): void => {
  bind(container, T.clock, {}, () => systemClock);
  bind(container, T.randomness, {}, () => systemRandomness);
  bind(container, T.content, { events: T.events }, ({ events }) => makeContent(events.onFault));
  bind(container, T.processId, {}, () => `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`);
  bind(container, T.correlation, { live: T.live }, ({ live }) => live?.pinning(systemCorrelation) ?? systemCorrelation);
  bind(container, T.calendar, {}, () => cronCalendar);
  bind(container, T.diskRoom, { config: T.config }, ({ config }) => makeReadDiskRoom(config.dataDir));
  bind(container, T.redact, { config: T.config }, ({ config }) => redactorOf(config));
};
