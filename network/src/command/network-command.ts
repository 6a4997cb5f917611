import { Command, Option } from 'commander';
import { clean, deploy, down, logs, restoreSnapshot, saveSnapshot, status, up } from './actions.js';
import { develop } from './develop.js';
import { block, history, transaction } from './inspect.js';
import { reportErrors } from './report.js';

const DIRECTORY = '.vitaledger/network';

/**
 * `vitaledger network …`. Commands print results to standard output and progress and errors to standard error, and set the
 * exit code: 0 done, 1 failed (or, for `status`, not everything runs).
 */
export function networkCommand(): Command {
  const network = new Command('network').description(
    'start, watch and change a network, on Hyperledger Fabric or on the embedded development ledger',
  );
  const add = (name: string, summary: string) =>
    network
      .command(name)
      .description(summary)
      .option('-d, --directory <folder>', "the network's folder", DIRECTORY);

  add('up', 'start a network, or take one up again; returns when every organization endorses')
    .option(
      '-t, --topology <file>',
      'topology file, or: default, small, registry (default: the one the folder was made from)',
    )
    .addOption(
      new Option('-e, --engine <engine>', 'default: the one used last, or embedded').choices([
        'embedded',
        'fabric',
      ]),
    )
    .addOption(
      new Option(
        '--ordering <mode>',
        'how the embedded ledger cuts blocks: at once, or by Fabric batch rules',
      )
        .choices(['instant', 'fabric'])
        .default('instant'),
    )
    .addHelpText('after', UP_HELP)
    .action(reportErrors(up));
  add('down', 'stop every process of the network; all data stays').action(reportErrors(down));
  add('status', 'show processes, chaincodes and where clients find their profiles')
    .option('--json', 'as JSON')
    .action(reportErrors(status));
  add('deploy', 'deploy a chaincode with its present code, and its definition in the topology')
    .argument('<chaincode>', 'name of a chaincode in the topology')
    .option('-t, --topology <file>', 'topology file (default: the one the folder was made from)')
    .addHelpText('after', DEPLOY_HELP)
    .action(reportErrors(deploy));
  add(
    'dev',
    'deploy a chaincode again whenever a file of it changes, until Ctrl+C; the ledger keeps its state',
  )
    .argument('<chaincode>', 'name of a chaincode in the topology')
    .option('--build <command>', "run before each deployment, in the chaincode's folder")
    .option('--watch <folder>', "watched instead of the chaincode's folder")
    .addHelpText('after', DEV_HELP)
    .action(reportErrors(develop));
  add('logs', 'show the logs of the processes')
    .argument('[process]', 'name of a process as in status; all by default')
    .option('-n, --lines <count>', 'lines of each log', '20')
    .option('-f, --follow', 'go on showing what is added')
    .action(reportErrors(logs));
  const inspect = (name: string, summary: string) =>
    add(name, summary)
      .option('-c, --channel <name>', 'channel (default: the first of the topology)')
      .option('--json', 'as JSON');
  inspect('tx', 'show a transaction: proposal, endorsements, reads and writes, and why it is invalid')
    .argument('<id>', 'transaction id')
    .action(reportErrors(transaction));
  inspect('block', 'show a block and its transactions')
    .argument('<number>', 'from 0')
    .action(reportErrors(block));
  inspect('history', 'show every valid write of a key; of private keys the hashes of their values')
    .argument('<key>', 'the key, in the clear')
    .option('--chaincode <name>', 'only in this chaincode')
    .action(reportErrors(history));
  const snapshot = network
    .command('snapshot')
    .description('keep the embedded ledger in a file, or go back to one');
  const file = (name: string, summary: string) =>
    snapshot
      .command(name)
      .description(summary)
      .argument('<file>')
      .option('-d, --directory <folder>', "the network's folder", DIRECTORY);
  file('save', 'write all that is on the ledger to a file').action(reportErrors(saveSnapshot));
  file('restore', 'put the ledger back to what save wrote; vaults stay as they are').action(
    reportErrors(restoreSnapshot),
  );
  add('clean', 'stop the network and remove all that it made: ledgers, identities, vaults, logs')
    .option('--yes', 'really do it')
    .action(reportErrors(clean));
  network.addHelpText('after', HELP);
  return network;
}

const HELP = `
Examples:
  vitaledger network up                         five organizations on the embedded ledger
  vitaledger network up --engine fabric         the same on real Fabric, from the programs in FABRIC_BIN or on PATH
  vitaledger network up -t my-network.yaml -d my-network
  vitaledger network status --json
  vitaledger network tx 3f2a… --channel care
  vitaledger network down

The embedded ledger is one process without consensus: for development, tests and demonstrations, never for production data.
`;

const UP_HELP = `
Examples:
  vitaledger network up -t small -d /tmp/small
  FABRIC_BIN=~/fabric/bin vitaledger network up --engine fabric

The topology file is described in docs/topology.md. A network that was stopped or killed is taken up with all its data.
`;

const DEV_HELP = `
Example, for a chaincode in TypeScript:
  vitaledger network dev care --build "npx tsc" --watch ../care/src
`;

const DEPLOY_HELP = `
Example, after a change of its code or of its version in the topology:
  vitaledger network deploy care
`;
