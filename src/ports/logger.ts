/** Structured fields of a log line. Adapters MUST redact secrets in every value before it is written anywhere. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A logger for one area (`turns`, `promises`, `outbox`, `http`, …). */
  child(area: string): Logger;
}

const nothing = (): void => undefined;

/** Writes nothing. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => silentLogger };
