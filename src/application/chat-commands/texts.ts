import { promiseCommandHelp } from '../../domain/promise/command-words.ts';

const { promises, cancel, retry } = promiseCommandHelp;

export const HELP = `Write to me in your own words. Work that takes longer than a reply becomes a promise: its result comes to this chat.

/promises – ${promises}
/cancel <number> – ${cancel}; /cancel schedule <number> – end a schedule
/retry <number> – ${retry}
/stop – stop the answer that I am working on
/new – begin a new conversation; what was said before is found only where I search for it
/memory – the facts that I remember here; /forget <number>, /forget all or /forget <link> – forget them, or a link
/status – whether I am well; /ping for short
/usage – what this chat has used, and what it cost
/whoami – who you are to me, and why you are allowed in
/approve <number>, /deny <number> – decide about what waits for approval
/why – as a reply to one of my messages: what led to it
/help – this list`;

export const START = `I am Kept, the agent that keeps its promises.\n\n${HELP}`;
