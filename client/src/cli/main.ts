import { CommanderError } from 'commander';
import { exitCodeOf, exitCodes } from './exit-code.js';
import { program } from './program.js';

/** Errors get to standard error as one line that says what to do; with VITALEDGER_TRACE set, with their stack. */
async function main(): Promise<void> {
  try {
    await (await program(process.argv[2])).parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      // It has said what there is to say: help, the version, or what is wrong with the command line.
      process.exitCode = error.exitCode === 0 ? exitCodes.success : exitCodes.usage;
      return;
    }
    process.exitCode = exitCodeOf(error);
    const text = error instanceof Error ? error.message : String(error);
    const code = (error as { code?: unknown } | null)?.code;
    process.stderr.write(`vitaledger: ${text}${typeof code === 'string' ? ` [${code}]` : ''}\n`);
    if (process.env.VITALEDGER_TRACE !== undefined && error instanceof Error) {
      process.stderr.write(`${error.stack ?? ''}\n`);
    }
  }
}

void main();
