export const HELP = `Write to me in your own words. What takes longer than a reply becomes a promise: its result comes to this chat by itself.

/promises – what is promised in this chat
/cancel <number> – give up a promise; /cancel schedule <number> – end a schedule
/retry <number> – try a failed or cancelled promise again
/stop – stop what I am answering now
/new – forget this conversation; promises stand
/status – how I am; /ping in short
/usage – tokens used in this chat
/whoami – who you are to me, and why you are let in
/approve <number>, /deny <number> – decide about what waits for approval
/help – this`;

export const START = `I am Kept, the agent that keeps its promises.\n\n${HELP}`;
