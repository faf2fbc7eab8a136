import { present } from '../../domain/shared/present.ts';
import type { Ledger } from '../../ports/storage/ledger.ts';
import type { ReportUsage } from '../../ports/use-cases/usage.ts';

const DEFAULT_LIMIT = 50;

export const makeReportUsage =
  ({ ledger, now }: { readonly ledger: Pick<Ledger, 'total' | 'usage' | 'reserved'>; readonly now: () => number }): ReportUsage =>
  async ({ since, chatId, by = 'day', limit = DEFAULT_LIMIT }) => {
    const asked = present({ since, chatId });
    const [total, rows, reserved] = await Promise.all([ledger.total(asked), ledger.usage({ ...asked, by, limit }), ledger.reserved(now())]);
    return { total, reserved, by, rows };
  };
