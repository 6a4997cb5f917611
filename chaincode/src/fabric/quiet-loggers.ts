import { Shim } from 'fabric-shim';

/** The loggers of the library that speak in every transaction, by the names under which it makes each of them once. */
const BUSY = [
  'lib/handler.js',
  'lib/stub.js',
  'lib/chaincode.js',
  'lib/iterators.js',
  'contracts-spi/chaincodefromcontract.js',
  'contracts-spi/datamarshall.js',
] as const;

const LEVELS = ['debug', 'info'] as const;

/** What is needed of winston's logger. */
interface LevelledLogger {
  level: string;
  /** From the gravest, which is 0, to the most talkative. */
  readonly levels: Readonly<Record<string, number>>;
  debug: (...message: unknown[]) => unknown;
  info: (...message: unknown[]) => unknown;
}

/**
 * Makes the library's loggers ask whether a level is enabled before a line is made. They send every line through all of winston's formatting
 * and drop it at the end, some thirty times a transaction and 20 µs each: a third of what a transaction takes in the chaincode's process.
 * What is enabled is logged as before, also when the level is changed later.
 *
 * @returns how many loggers it was done to; none in a second call.
 */
export function skipDisabledLines(): number {
  // The library's type says less than the winston logger that it gives.
  return BUSY.map((name) => Shim.newLogger(name) as unknown as LevelledLogger).filter(askFirst).length;
}

function askFirst(logger: LevelledLogger): boolean {
  if (LEVELS.some((level) => Object.hasOwn(logger, level))) return false;
  for (const level of LEVELS) {
    const write = logger[level].bind(logger);
    logger[level] = (...message) => (isEnabled(logger, level) ? write(...message) : logger);
  }
  return true;
}

/** The library gives its transport no level of its own. */
function isEnabled({ level: lowest, levels }: LevelledLogger, level: string): boolean {
  // A level that winston does not know (the library maps "critical" to one) hides nothing here, and everything there.
  return (levels[level] ?? 0) <= (levels[lowest] ?? Infinity);
}

skipDisabledLines();
