import type { HealthCheck } from '../domain/index.ts';
import { type LeaderStatus, TOKENS } from './tokens.ts';

/** Health checks that only this process can make. */
export const checkLeaderStatus = async ({ botScope: term, leader }: LeaderStatus): Promise<readonly HealthCheck[]> => {
  if (!term) {
    const answering = leader?.();
    return [
      answering === undefined
        ? { id: 'process.leader', status: 'warn', message: 'stands by; the leader is not known' }
        : { id: 'process.leader', status: 'ok', message: `stands by; ${answering} leads` },
    ];
  }
  const telegram = await term.get(TOKENS.telegram);
  return [
    ...(leader ? [{ id: 'process.leader', status: 'ok', message: 'leads and answers' } as const] : []),
    ...(telegram ? [telegram.health()] : []),
  ];
};
