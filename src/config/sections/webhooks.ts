import { present } from '../../domain/shared/present.ts';
import { type ConfigProblem, warning } from '../problems.ts';
import type { Values } from '../section.ts';
import { secret } from '../variable-kinds.ts';
import { secretAddress, secretsOfAddress } from './alerts.ts';

export const webhookVariables = {
  KEPT_WEBHOOK_URL: secretAddress(),
  KEPT_WEBHOOK_SECRET: secret(),
};

/** Where facts are posted to. */
export interface WebhookSettings {
  /** May hold a user name and a password. */
  readonly url: string;
  /** Absent: requests are not signed. */
  readonly secret?: string;
}

export const readWebhook = (
  env: Values<typeof webhookVariables>,
): { readonly webhook?: WebhookSettings; readonly problems: readonly ConfigProblem[] } => {
  const { KEPT_WEBHOOK_URL: url, KEPT_WEBHOOK_SECRET: secretValue } = env;
  if (url !== undefined) {
    const unsigned = warning(
      'KEPT_WEBHOOK_SECRET',
      'is not set: events are posted without a signature, and whoever knows the address of the receiver can post what looks like one',
      'set it to a random text, such as the output of: openssl rand -hex 32',
    );
    return { webhook: { url, ...present({ secret: secretValue }) }, problems: secretValue === undefined ? [unsigned] : [] };
  }
  const alone = warning('KEPT_WEBHOOK_SECRET', 'has no effect without KEPT_WEBHOOK_URL', 'set KEPT_WEBHOOK_URL too');
  return { problems: secretValue === undefined ? [] : [alone] };
};

export const secretsOfWebhook = (webhook: WebhookSettings | undefined): readonly string[] => (webhook ? secretsOfAddress(webhook.url) : []);
