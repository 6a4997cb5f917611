import { Command } from 'commander';
import type { Finding } from '../doctor/index.js';
import { examineConfig } from './config/examine-config.js';
import { exitCodes } from './exit-code.js';
import { ledgerSource, withLedgerOptions } from './ledger-options.js';
import { printable } from './table.js';
import { show, withJson } from './trials/trial-input.js';

const MARKS: Readonly<Record<Finding['result'], string>> = {
  ok: 'ok      ',
  warning: 'warning ',
  failed: 'FAILED  ',
};

/** `vitaledger doctor`: what stands between this machine and its network. */
export function doctorCommand(): Command {
  const command: Command = new Command('doctor')
    .description(
      'find what is wrong: configuration, profile, identity, certificates, peers, clocks, contracts; changes nothing',
    )
    .action(async (flags: { readonly json?: true }) => {
      const { examine } = await import('../doctor/index.js');
      const findings: Finding[] = [];
      const say = (finding: Finding): void => {
        findings.push(finding);
        if (!flags.json)
          process.stdout.write(`${MARKS[finding.result]}${finding.about}: ${printable(finding.text)}\n`);
      };
      (await examineConfig()).forEach(say);
      if (findings.every(({ result }) => result !== 'failed')) {
        for await (const finding of examine(await ledgerSource(command))) say(finding);
      }
      show(flags, findings, '');
      if (findings.some(({ result }) => result === 'failed')) process.exitCode = exitCodes.unavailable;
    })
    .addHelpText(
      'after',
      '\nExit code 6 when something failed; warnings alone are 0.' +
        '\n\nExample:\n  vitaledger doctor --profile vitaledger-hospital.json --identity users/registrar/msp',
    );
  return withJson(withLedgerOptions(command));
}
