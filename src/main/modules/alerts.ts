import { hostname } from 'node:os';
import type { Container } from 'inversify';
import {
  type AlertOrigin,
  makeAlertmanagerChannel,
  makeDeadManSwitch,
  makeEmailChannels,
  makeOperatorChat,
  makePagerDutyChannel,
  makeSlackChannel,
  makeWebhookChannel,
  type OperatorChatOptions,
} from '../../adapters/alerts/index.ts';
import { makeWebhookEventsChannel } from '../../adapters/webhooks/index.ts';
import { makeAlerts, makeAlertWatch, makeMeasuredSpans, makeReportStats } from '../../application/index.ts';
import type { Config } from '../../config/index.ts';
import type { HealthCheck } from '../../domain/index.ts';
import { singleFlight } from '../../domain/shared/single-flight.ts';
import type { AlertChannel } from '../../ports/index.ts';
import { bind } from '../bind.ts';
import { TOKENS } from '../tokens.ts';

const T = TOKENS;

/** What may be asked about alerts, in every process; and the channels by which they leave. */
export const bindAlerts = (container: Container): void => {
  bind(container, T.alertRules, { config: T.config }, ({ config }) => config.alertRules);
  bind(
    container,
    T.alertChannels,
    { config: T.config, storage: T.storage, clock: T.clock, randomness: T.randomness },
    ({ config: { alertChannels, webhook }, storage: { id: instance, unitOfWork }, clock, randomness }) => [
      ...channelsOf(alertChannels, { unitOfWork, clock, randomness, origin: { instance, host: hostname() } }),
      ...(webhook ? [makeWebhookEventsChannel({ unitOfWork, clock })] : []),
    ],
  );
  bind(
    container,
    T.deadMan,
    { config: T.config },
    ({
      config: {
        alertChannels: { deadMan },
      },
    }) => deadMan && makeDeadManSwitch(deadMan),
  );
  bind(
    container,
    T.alerts,
    {
      rules: T.alertRules,
      storage: T.storage,
      channels: T.alertChannels,
      clock: T.clock,
      events: T.events,
      redact: T.redact,
    },
    makeAlerts,
  );
};

/** Those that are configured. */
const channelsOf = (
  { webhook, slack, pagerDuty, email, alertmanager, operatorChat }: Config['alertChannels'],
  { origin, ...parts }: Omit<OperatorChatOptions, 'chatId'> & { readonly origin: AlertOrigin },
): readonly AlertChannel[] => [
  ...(webhook ? [makeWebhookChannel({ ...webhook, origin })] : []),
  ...(slack ? [makeSlackChannel({ ...slack, origin })] : []),
  ...(pagerDuty ? [makePagerDutyChannel({ ...pagerDuty, origin })] : []),
  ...(email ? makeEmailChannels({ ...email, origin }) : []),
  ...(alertmanager ? [makeAlertmanagerChannel({ ...alertmanager, origin })] : []),
  ...(operatorChat === undefined ? [] : [makeOperatorChat({ chatId: operatorChat, ...parts, origin })]),
];

/** The watch over alerts, in the bot that leads. */
export const bindAlertWatch = (container: Container): void => {
  bind(
    container,
    T.alertWatch,
    {
      processId: T.processId,
      rules: T.alertRules,
      storage: T.storage,
      channels: T.alertChannels,
      deadMan: T.deadMan,
      clock: T.clock,
      events: T.events,
      redact: T.redact,
      policy: T.configuredPolicy,
      telegram: T.telegram,
      knownBackup: T.knownBackup,
      disk: T.diskRoom,
    },
    ({ policy, telegram, disk, knownBackup, ...parts }) =>
      makeAlertWatch({
        ...parts,
        sources: {
          policy,
          gateways: async () => (telegram ? [gatewayState('telegram', telegram.health())] : []),
          measured: makeMeasuredSpans(makeReportStats({ sketches: parts.storage.stores.sketches, now: parts.clock.now })),
          disk,
          newestBackup: singleFlight(knownBackup),
        },
      }),
  );
};

const gatewayState = (gateway: string, { status, message }: HealthCheck) => ({ gateway, status, message });
