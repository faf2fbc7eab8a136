/** What one run of a coding agent may take where nobody says otherwise: replies of its model, and US dollars. */
export const DEFAULT_CODING_LIMITS = { maxTurns: 100, maxCostUsd: 5 } as const;
