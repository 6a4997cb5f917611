/** What a line of a log tells besides its words. */
export type LogFields = Readonly<Record<string, string | number | boolean>>;

/**
 * Where the SDK logs to; pino, winston and the like fit with a line each. Nothing that concerns a person is ever logged: functions by
 * their names, errors by their codes, transactions by their ids.
 *
 * @example
 * ```typescript
 * const log = pino();
 * const logger: Logger = { debug: (m, f) => log.debug(f, m), info: (m, f) => log.info(f, m), warn: (m, f) => log.warn(f, m) };
 * ```
 */
export interface Logger {
  /** What succeeded. */
  debug(message: string, fields: LogFields): void;
  /** What is tried again. */
  info(message: string, fields: LogFields): void;
  /** What failed. */
  warn(message: string, fields: LogFields): void;
}
