/** The most promises that one turn may make: as many as the messages that it may answer. */
export const MAX_PROMISES_PER_TURN = 50;
/**
 * The most unsettled promises of one chat. Promises that an operator or a program makes are counted, but not refused.
 */
export const MAX_OPEN_PROMISES_PER_CHAT = 200;
/** The most schedules that one turn may make. */
export const MAX_SCHEDULES_PER_TURN = 10;
/** The most active schedules of one chat, including those of an operator or a program: as many as are listed. */
export const MAX_ACTIVE_SCHEDULES_PER_CHAT = 50;
