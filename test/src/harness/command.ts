import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { suiteNetwork } from './suite-network.js';

const BIN = join(__dirname, '../../../client/bin/vitaledger.js');

/** How a command ended, and what it wrote. */
export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the `vitaledger` command in a process of its own, as an identity of the suite's network. */
export async function vitaledger(
  organization: string,
  user: string,
  ...args: readonly string[]
): Promise<Run> {
  const network = await suiteNetwork();
  const env = {
    VITALEDGER_PROFILE: network.profile(organization),
    VITALEDGER_IDENTITY: network.identity(organization, user).mspDirectory,
  };
  return runAs(env, ...args);
}

/** Runs the command in a process of its own, with what `env` says beside the environment. */
export function runAs(env: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<Run> {
  const options = { env: { ...process.env, ...env }, encoding: 'utf8' } as const;
  return new Promise((resolve) => {
    execFile(process.execPath, [BIN, ...args], options, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

/** What a command wrote that must succeed. */
export async function succeeded(running: Promise<Run>): Promise<string> {
  const { code, out, err } = await running;
  assert.equal(code, 0, err);
  return out;
}
