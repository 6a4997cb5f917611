import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { digestOf, parseJson, VitaledgerError } from '@vitaledger/domain';
import { Command, InvalidArgumentError } from 'commander';
import type { ProofQuestion } from '../proof/proofs.js';
import type { ProvenSubject } from '../proof/proofs.js';
import { withExamples } from './examples.js';
import { writeNewFile } from './json-file.js';
import { print, withLedger, withLedgerOptions } from './ledger-options.js';

interface CreateOptions {
  readonly file?: string;
  readonly digest?: string;
  readonly version?: number;
  readonly output: string;
  readonly wait?: true;
}

interface VerifyOptions {
  readonly roots: string;
  readonly file?: string;
  readonly channel: string;
  readonly chaincode: string;
}

/** Portable proofs: made with a ledger, verified without. */
export function proofCommand(): Command {
  const group = new Command('proof')
    .description('portable proofs of what was registered when')
    .addCommand(createCommand())
    .addCommand(verifyProofCommand('verify'));
  return withExamples(group, [
    'proof create NCT01234567 --file plan.pdf --output plan.proof.json --wait',
    'proof create NCT01234567 --version 1 --output record.proof.json --wait',
    'proof verify plan.proof.json --roots roots --file plan.pdf',
  ]);
}

/** The same verification under the name that verifiers look for: `vitaledger verify proof`. */
export function verifyCommand(): Command {
  const group = new Command('verify')
    .description('verify without a ledger')
    .addCommand(verifyProofCommand('proof'));
  return withExamples(group, ['verify proof plan.proof.json --roots roots --file plan.pdf']);
}

function createCommand(): Command {
  const command = new Command('create')
    .description('have the peers of a majority of organizations sign what is registered')
    .argument('<trial>')
    .option('--file <file>', 'a document of the trial')
    .option('--digest <sha256>', 'of a document of the trial')
    .option('--version <number>', "a version of the trial's record", wholeNumber)
    .requiredOption('--output <file>', 'where to write the proof')
    .option('--wait', 'for the two beats of the clock that bound the interval')
    .action((trial: string, options: CreateOptions) =>
      withLedger(command, async ({ proofs }) => {
        const question = await questionOf(trial, options);
        let signatures = 0;
        await writeNewFile(options.output, async (file) => {
          const proof = await proofs.create(question, { wait: options.wait === true });
          signatures = proof.endorsements.length;
          await file.writeFile(`${JSON.stringify(proof, undefined, 2)}\n`);
        });
        print({ proof: options.output, ...question, signatures });
      }),
    );
  return withLedgerOptions(command);
}

async function questionOf(trial: string, options: CreateOptions): Promise<ProofQuestion> {
  const { file, digest, version } = options;
  if ([file, digest, version].filter((one) => one !== undefined).length !== 1) {
    throw new VitaledgerError(
      'INVALID_ARGUMENT',
      'Say what to prove: one of --file, --digest (of a document) and --version (of the record)',
    );
  }
  if (version !== undefined) return { trial, version };
  return {
    trial,
    digest:
      digest ??
      createHash('sha256')
        .update(await read(file ?? ''))
        .digest('hex'),
  };
}

function verifyProofCommand(name: string): Command {
  return new Command(name)
    .description('verify a proof with nothing but root certificates; exit code 7 when it proves nothing')
    .argument('<proof>')
    .requiredOption('--roots <folder>', "every organization's root certificates, as <MSP id>.pem")
    .option('--file <file>', 'the document (or the record, as JSON) that it shall be about')
    .option('--channel <name>', 'of the trial registry', 'registry')
    .option('--chaincode <name>', 'of the trial registry', 'registry')
    .action(async (file: string, options: VerifyOptions) => {
      const [{ verifyRegistrationProof }, { readRoots }] = await Promise.all([
        import('../proof/verify-proof.js'),
        import('../proof/roots.js'),
      ]);
      const proof = parseJson((await read(file)).toString('utf8'), 'proof');
      const { channel, chaincode } = options;
      const trust = { roots: await readRoots(options.roots), channel, chaincode };
      const { subject, registered, proved, signedBy } = verifyRegistrationProof(proof, trust);
      if (options.file !== undefined) checkContent(await read(options.file), subject);
      print({ proven: subject, registered, proved, signedBy, channel });
    });
}

/** A record is digested in its canonical form, a document as its bytes. */
function checkContent(content: Buffer, { kind, digest: proven }: ProvenSubject): void {
  const digest =
    kind === 'document' ? digestOf(content) : digestOf(parseJson(content.toString('utf8'), 'record'));
  if (digest === proven) return;
  throw new VitaledgerError(
    'INTEGRITY',
    'The proof is about another content than this file: the digests differ',
    { reason: 'ANOTHER_CONTENT', digest, proven },
  );
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch {
    throw new VitaledgerError('NOT_FOUND', `The file cannot be read: ${file}`);
  }
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return Number(text);
}
