import { execFile } from 'node:child_process';

export interface ProgramResult {
  readonly succeeded: boolean;
  readonly stdout: string;
  /** What the program wrote to its error stream. */
  readonly stderr: string;
}

const TIMEOUT_MS = 120_000;
const OUTPUT_BYTES = 64 * 1024 * 1024;

/**
 * Runs one of Fabric's programs to its end. Of the operator's environment it sees only PATH and HOME, so that no CORE_ or
 * ORDERER_ variable left in a shell changes the outcome.
 */
export function runProgram(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    execFile(
      program,
      args,
      { env: { ...inherited(), ...env }, timeout: TIMEOUT_MS, maxBuffer: OUTPUT_BYTES },
      (error, stdout, stderr) => {
        const reason = error !== null && stderr.trim() === '' ? error.message : stderr;
        resolve({ succeeded: error === null, stdout, stderr: reason });
      },
    );
  });
}

function inherited(): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME };
}

/** The line that says why: Fabric's programs end with `Error: …`, after their log. */
export function reasonOf(result: ProgramResult): string {
  const lines = `${result.stderr}\n${result.stdout}`.split('\n').map((line) => line.trim());
  const errors = lines.filter((line) => /^(Error|panic): |error: /.test(line));
  return errors.at(-1) ?? lines.filter((line) => line !== '').at(-1) ?? 'no reason given';
}
