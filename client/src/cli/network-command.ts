import { VitaledgerError } from '@vitaledger/domain';
import { Command } from 'commander';

const operatorsPackage = '@vitaledger/network';

/** What the operators' package exports for this command. */
interface OperatorsPackage {
  networkCommand(): Command;
}

/** The operators' command, or one that says how to get it. The package depends on this one, so it is found at run time. */
export async function networkCommandIfInstalled(): Promise<Command> {
  const found = await load();
  return found ? found.networkCommand() : missing();
}

async function load(): Promise<OperatorsPackage | undefined> {
  try {
    require.resolve(operatorsPackage);
  } catch {
    return undefined;
  }
  return (await import(operatorsPackage)) as OperatorsPackage;
}

function missing(): Command {
  return new Command('network')
    .description('start, stop and look after a network')
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => {
      throw new VitaledgerError(
        'PRECONDITION_FAILED',
        `The operators' tools are not installed: npm install ${operatorsPackage}`,
      );
    });
}
