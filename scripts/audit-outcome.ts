const SEVERITIES = ['info', 'low', 'moderate', 'high', 'critical'] as const;
type Severity = (typeof SEVERITIES)[number];
const FAILING: readonly Severity[] = ['high', 'critical'];

interface Report {
  readonly vulnerabilities?: Readonly<
    Record<string, { readonly severity: Severity; readonly range: string; readonly via: readonly unknown[] }>
  >;
  readonly metadata?: { readonly vulnerabilities?: Partial<Record<Severity, number>> };
  readonly message?: string;
}

/** What came of an audit, by what npm printed. `isAsked`: whether the registry told anything. */
export const auditOutcome = (
  printed: string,
  complaint: string,
): { readonly isAsked: boolean; readonly faults: readonly string[]; readonly words: string } => {
  const report = readReport(printed);
  if (!report?.vulnerabilities) {
    const reason = report?.message ?? firstLine(complaint) ?? 'npm printed no report';
    return { isAsked: false, faults: [], words: `audit: NOT DONE, the registry can't be asked: ${reason}` };
  }
  const found = Object.entries(report.vulnerabilities);
  const faults = found
    .filter(([, { severity }]) => FAILING.includes(severity))
    .map(([name, { severity, range, via }]) => `${severity}: ${name} ${range}: ${via.map(titleOf).join('; ')}`);
  const counts = SEVERITIES.flatMap((severity) => {
    const count = found.filter(([, one]) => one.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}`];
  });
  return { isAsked: true, faults, words: `audit: ${counts.join(', ') || 'no known weakness'}` };
};

const readReport = (printed: string): Report | undefined => {
  try {
    return JSON.parse(printed) as Report;
  } catch {
    // An npm that died has printed no report.
    return undefined;
  }
};

const firstLine = (text: string): string | undefined => text.split('\n').find((line) => line.trim() !== '');

/** What is weak, or the package that brings it. */
const titleOf = (via: unknown): string =>
  typeof via === 'object' && via !== null && 'title' in via ? String(via.title) : `through ${String(via)}`;
