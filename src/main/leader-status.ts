import type { HealthCheck } from '../domain/index.ts';
import { type LeaderStatus, TOKENS } from './tokens.ts';

/** What only this process knows of its bot's health. */
export const checkLeaderStatus = async ({ botScope: term, leader }: LeaderStatus): Promise<readonly HealthCheck[]> => {
  if (!term) {
    const answering = leader?.();
    return [
      answering === undefined
        ? { name: 'lead', status: 'degraded', detail: 'stands by; it is not known who answers' }
        : { name: 'lead', status: 'ok', detail: `stands by; ${answering} has the lead` },
    ];
  }
  const telegram = await term.get(TOKENS.telegram);
  return [
    ...(leader ? [{ name: 'lead', status: 'ok', detail: 'leads, and answers' } as const] : []),
    ...(telegram ? [telegram.health()] : []),
  ];
};
