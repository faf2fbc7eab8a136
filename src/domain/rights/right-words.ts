import type { ListedRight } from './rights-in.ts';

/** What each right lets somebody do, in a few words. */
export const RIGHT_WORDS: Readonly<Record<ListedRight, string>> = {
  ask: 'ask',
  'use-agent': 'use agents',
  'use-tool': 'use tools',
  'use-acting-tool': 'use acting tools',
  'start-coding': 'have code changed',
  'cancel-own': 'cancel own promises',
  'cancel-others': "cancel others' promises",
  'retry-own': 'retry own promises',
  'retry-others': "retry others' promises",
  approve: 'approve',
  'approve-standing': 'give standing approvals',
  spend: 'spend',
  'see-usage': 'see usage',
  'begin-anew': 'begin conversations anew',
};
