import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { resolve } from 'node:path';

/** What the command line asks for. */
export interface DemoOptions {
  readonly engine: 'embedded' | 'fabric';
  /** FHIR bundles, one patient each; those of the demonstration when empty. */
  readonly bundles: readonly string[];
  /** A trial's registration; that of the demonstration when absent. */
  readonly trial?: string;
  /** Leave the network running when the story is told. */
  readonly keep: boolean;
  /** The network's folder; a temporary one when absent. */
  readonly directory?: string;
  /** Whether to color, as far as the terminal can. */
  readonly color: boolean;
}

/** The command line is wrong, or asked for help: what is to be printed, and the exit code. */
export class CommandLineEnd extends Error {
  override readonly name = 'CommandLineEnd';
  constructor(
    readonly exitCode: number,
    readonly text: string,
  ) {
    super(text);
  }
}

const EXAMPLES = `
Examples:
  npm run demo
  npm run demo -- --bundle my-patient.json --bundle another.json.gz --trial my-trial.json
  npm run demo -- --keep --directory my-network
  FABRIC_BIN=~/fabric/bin npm run demo -- --engine fabric

A bundle is a FHIR R4 Bundle of type transaction or collection with the records of one patient; a
trial is a study in the form of ClinicalTrials.gov v2. The story is about the patient of the first
bundle. Nothing leaves this machine.
`;

/**
 * Reads the command line (without node and script).
 *
 * @throws CommandLineEnd when there is nothing to be done but to print something
 */
export function readOptions(args: readonly string[]): DemoOptions {
  const printed: string[] = [];
  const command = new Command('demo')
    .description('Records, consent and trials of a consortium, told as a story on realistic data.')
    .usage('[options]')
    .addOption(
      new Option('--engine <engine>', 'ledger: the embedded development ledger, or real Hyperledger Fabric')
        .choices(['embedded', 'fabric'])
        .default('embedded'),
    )
    .option('--bundle <file>', "a patient's FHIR bundle, .json or .json.gz; repeatable", collect)
    .option('--trial <file>', 'a trial in ClinicalTrials.gov v2 form, .json or .json.gz', path)
    .option('--keep', 'leave the network running, and say how to use it')
    .option('--directory <folder>', "the network's folder (default: a temporary one)", path)
    .option('--no-color', 'plain text')
    .addHelpText('after', EXAMPLES)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void printed.push(text),
      writeErr: (text) => void printed.push(text),
      getOutHelpWidth: () => 100,
      getErrHelpWidth: () => 100,
    })
    .showHelpAfterError('(run with --help to see what there is)');
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      throw new CommandLineEnd(error.exitCode === 0 ? 0 : 2, printed.join(''));
    }
    throw error;
  }
  const { bundle = [], keep = false, ...options } = command.opts<Given>();
  return { ...options, keep, bundles: bundle };
}

type Given = Omit<DemoOptions, 'bundles' | 'keep'> & { bundle?: readonly string[]; keep?: boolean };

function collect(file: string, files: readonly string[] = []): readonly string[] {
  return [...files, path(file)];
}

/** npm runs its scripts in the package's folder; what is named on its command line is meant from where it was called. */
function path(value: string): string {
  if (value === '') throw new InvalidArgumentError('It must not be empty.');
  const { INIT_CWD } = process.env;
  return INIT_CWD === undefined || INIT_CWD === process.cwd() ? value : resolve(INIT_CWD, value);
}
