import {
  explain,
  VitaledgerError,
  type ConsentTerms,
  type DecisionRequest,
  type Explanation,
} from '@vitaledger/domain';
import { Command } from 'commander';
import { termsInForce } from '../../consents/held.js';
import type { PatientToken } from '../../patient/patient-token.js';
import { withLedger } from '../ledger-options.js';
import { table } from '../table.js';
import { show } from '../trials/trial-input.js';
import { collected, withCareOptions } from './care-options.js';
import { readTerms, withTermsOptions, type TermsFlags } from './consent-terms.js';
import { readToken, withKeyFile } from './patient-files.js';

interface ExplainFlags extends TermsFlags {
  readonly key: string;
  readonly patient: string;
  readonly asker: string;
  readonly askerRole: string;
  readonly askerSubject?: string;
  readonly purpose: string;
  readonly revoke?: readonly string[];
  readonly json?: true;
}

/** What a consent would change, before it is given. The decision is made here, over what the custodian holds. */
export function explainCommand(): Command {
  const command: Command = new Command('explain')
    .description(
      'what somebody may read now, and what a planned consent or revocation would change; nothing is signed',
    )
    .requiredOption('--key <file>', "the patient's keys")
    .requiredOption('--patient <token>', 'the patient at one custodian')
    .requiredOption('--asker <MSP id>', 'who would ask')
    .option('--asker-role <role>', 'in which role', 'practitioner')
    .option('--asker-subject <pseudonym>', 'which person, where a consent names persons or care teams')
    .option('--purpose <code>', 'what for (HL7 v3 PurposeOfUse)', 'TREAT')
    .option(
      '--revoke <id>',
      'a consent or prohibition that would be taken back; may be given again',
      collected,
    )
    .action((flags: ExplainFlags) =>
      withLedger(command, async ({ consents }) => {
        const token = await readToken(flags.patient);
        const held = await withKeyFile(flags.key, (key) => consents.list(token, key));
        const [explanation] = explain({
          ...termsInForce(held),
          planned: await plannedBy(flags),
          revoked: flags.revoke ?? [],
          questions: [questionOf(flags, token)],
          instant: new Date().toISOString(),
        });
        if (!explanation) throw new VitaledgerError('INTERNAL', 'The question was not answered');
        show(flags, explanation, inWords(explanation));
      }),
    )
    .addHelpText(
      'after',
      '\nLaws that the consortium has adopted are not weighed here: they can permit or forbid more.' +
        '\n\nExample:\n  vitaledger consent explain --key alice.key.json --patient alice.tokens --asker ClinicMSP \\\n' +
        "    --template treatment-of-some --organization ClinicMSP --name 'City Clinic' --class Condition",
    );
  return withTermsOptions(withCareOptions(command));
}

async function plannedBy(flags: ExplainFlags): Promise<readonly ConsentTerms[]> {
  if (flags.template === undefined && flags.provision === undefined) return [];
  const { provision } = await readTerms(flags);
  return [{ consent: 'planned', version: 1, provision }];
}

function questionOf(
  { asker, askerRole, askerSubject, purpose }: ExplainFlags,
  token: PatientToken,
): DecisionRequest {
  const subject = askerSubject ?? '0'.repeat(32);
  const actor = { mspId: asker, role: askerRole, subject } as DecisionRequest['actor'];
  return { custodian: token.custodian, actor, scope: 'content', purpose, filter: {} };
}

function inWords({ before, after }: Explanation): string {
  const names = [...new Set([...Object.keys(before.classes), ...Object.keys(after.classes)])].sort();
  const rows = names.map((name) => {
    const [now, then] = [outcomeOf(before, name), outcomeOf(after, name)];
    return [name === '*' ? 'all others' : name, now, then, now === then ? '' : 'changes'];
  });
  return table(['kind of record', 'now', 'then', ''], rows);
}

/** A kind that no rule names is answered as all others are. */
function outcomeOf({ classes }: Explanation['before'], name: string): string {
  return (classes[name] ?? classes['*'])?.outcome ?? 'deny';
}
