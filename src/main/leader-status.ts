import type { HealthCheck } from '../domain/index.ts';
import { type LeaderStatus, TOKENS } from './tokens.ts';

/** Health checks that only this process can make. */
export const checkLeaderStatus = async ({ botScope: term, leader }: LeaderStatus): Promise<readonly HealthCheck[]> => {
  if (!term) {
    const answering = leader?.();
    return [
      answering === undefined
        ? { name: 'lead', status: 'degraded', detail: 'stands by; the leader is not known' }
        : { name: 'lead', status: 'ok', detail: `stands by; ${answering} leads` },
    ];
  }
  const telegram = await term.get(TOKENS.telegram);
  return [
    ...(leader ? [{ name: 'lead', status: 'ok', detail: 'leads and answers' } as const] : []),
    ...(telegram ? [telegram.health()] : []),
  ];
};
