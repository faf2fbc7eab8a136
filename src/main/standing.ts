import type { HealthCheck } from '../domain/index.ts';
import { type Standing, TOKENS } from './tokens.ts';

/** What only this process knows of its bot's health. */
export const checkStanding = async ({ term, leader }: Standing): Promise<readonly HealthCheck[]> => {
  if (!term)
    return [
      { name: 'lead', status: 'ok', detail: leader === undefined ? 'stands by' : `stands by; ${leader} answered when this one started` },
    ];
  const telegram = await term.get(TOKENS.telegram);
  return [
    ...(leader === undefined ? [] : [{ name: 'lead', status: 'ok', detail: 'has taken over, and answers' } as const]),
    ...(telegram ? [telegram.health()] : []),
  ];
};
