export { cronCalendar } from './calendar.ts';
