import { NetworkError } from '../errors/network-error.js';

/** Prints what went wrong in a line or two instead of a stack, and sets the exit code. */
export function reportErrors(
  action: (options: never, argument?: string) => Promise<void>,
): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    // commander passes the arguments, then the options, then the command.
    const options = given.at(-2) as never;
    const argument = given.length > 2 ? (given[0] as string | undefined) : undefined;
    try {
      await action(options, argument);
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      console.error(`${error.code}: ${error.message}`);
      process.exitCode = 1;
    }
  };
}

/** Lines with the seconds since `started`, on standard error. */
export function progressFrom(started = performance.now()): (line: string) => void {
  return (line) => {
    const seconds = (performance.now() - started) / 1000;
    console.error(`${seconds.toFixed(1).padStart(6)} s  ${line}`);
  };
}
