import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { VitaledgerError } from '@vitaledger/domain';
import { Command } from 'commander';
import { withLedger, withLedgerOptions } from './ledger-options.js';

interface ServeOptions {
  readonly listen: string;
  readonly tlsCertificate: string;
  readonly tlsKey: string;
}

/** `vitaledger vault …`: the custodian's vault for others. */
export function vaultCommand(): Command {
  const command = new Command('vault').description("lend the organization's vault to holders of receipts");
  const serve = withLedgerOptions(new Command('serve'))
    .description('serve over HTTPS until ended; each line printed is what was lent or refused')
    .requiredOption('--tls-certificate <file>', 'certificate of the server, PEM')
    .requiredOption('--tls-key <file>', 'its private key, PEM')
    .option('--listen <host:port>', 'where to listen', '127.0.0.1:8443')
    .addHelpText(
      'after',
      `
Example:
  vitaledger vault serve --profile vitaledger-hospital.json --identity users/service/msp \\
    --tls-certificate server.crt --tls-key server.key --listen 0.0.0.0:8443`,
    )
    .action((options: ServeOptions) => serveVault(serve, options));
  command.addCommand(serve);
  return command;
}

async function serveVault(command: Command, options: ServeOptions): Promise<void> {
  const [host, port] = placeOf(options.listen);
  const tls = { certificate: await text(options.tlsCertificate), privateKey: await text(options.tlsKey) };
  await withLedger(command, async (ledger) => {
    await using server = ledger.vaultServer({
      tls,
      onEvent: ({ what, outcome }) =>
        process.stdout.write(`${new Date().toISOString()} ${what} ${outcome}\n`),
    });
    const actual = await server.listen(port, host);
    process.stdout.write(`vault of ${ledger.mspId} at https://${host}:${actual}\n`);
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  });
}

function placeOf(listen: string): [string, number] {
  const [, host, port] = /^([^\s]+):(\d{1,5})$/.exec(listen) ?? [];
  if (host !== undefined && Number(port) < 65_536) return [host, Number(port)];
  throw new VitaledgerError('INVALID_ARGUMENT', '--listen must be host:port', { path: 'listen' });
}

async function text(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new VitaledgerError('NOT_FOUND', `${file} cannot be read (${reason})`);
  }
}
