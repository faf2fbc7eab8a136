/** Promises that one turn may make: as many as the messages that it may answer. */
export const MAX_PROMISES_PER_TURN = 50;
/**
 * Promises of one chat that have not settled; what an operator or a program makes is not refused, but takes room as
 * well.
 */
export const MAX_OPEN_PROMISES_PER_CHAT = 200;
/** Schedules that one turn may make. */
export const MAX_SCHEDULES_PER_TURN = 10;
/** Active schedules of one chat, those of an operator or a program among them: as many as are listed. */
export const MAX_ACTIVE_SCHEDULES_PER_CHAT = 50;
