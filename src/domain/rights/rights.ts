/** What a person may do in a place. Who has no entry has the role `member`, and may do what members may. */
export const ROLES = ['owner', 'member', 'guest'] as const;
export type Role = (typeof ROLES)[number];

/** What somebody may be allowed to do. */
export const ACTIONS = [
  'ask',
  'use-agent',
  'use-tool',
  'start-coding',
  'cancel-own',
  'cancel-others',
  'retry-own',
  'retry-others',
  'approve',
  'approve-standing',
  'spend',
  'see-usage',
  'begin-anew',
] as const;
export type Action = (typeof ACTIONS)[number];
