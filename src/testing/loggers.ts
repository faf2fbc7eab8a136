import type { LogFields, Logger } from '../ports/index.ts';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** The areas of the logger and of those that it is a child of, joined by `.`; empty at the root. */
  readonly area: string;
  readonly message: string;
  readonly fields: LogFields;
}

/** Keeps what it is told, its children's lines among its own. It redacts nothing: for tests alone. */
export const makeRecordingLogger = (): Logger & { readonly lines: readonly LogLine[] } => {
  const lines: LogLine[] = [];
  const loggerOf = (area: string): Logger => {
    const at = (level: LogLine['level']) => (fields: LogFields, message: string) => {
      lines.push({ level, area, message, fields });
    };
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (name) => loggerOf(area === '' ? name : `${area}.${name}`),
    };
  };
  return { ...loggerOf(''), lines };
};
