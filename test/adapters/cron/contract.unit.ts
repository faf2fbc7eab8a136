import { cronCalendar } from '../../../src/adapters/cron/index.ts';
import { cronCalendarContract, runContract } from '../../../src/testing/index.ts';

runContract({ describe, it }, 'the cron calendar keeps its law: it', cronCalendarContract, () => ({
  subject: cronCalendar,
  close: () => undefined,
}));
