import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ChaincodeProcess, type ChaincodeProcessOptions } from '../development/chaincode-process.js';

export { ChaincodeProcess, freePort } from '../development/chaincode-process.js';

/** The probe contract, its package.json written to `directory`. */
export async function startProbe(options: ChaincodeProcessOptions): Promise<ChaincodeProcess> {
  await mkdir(options.directory, { recursive: true });
  await writeFile(
    join(options.directory, 'package.json'),
    JSON.stringify({ name: 'probe', version: '1.0.0', main: require.resolve('./probe-contract.js') }),
  );
  return ChaincodeProcess.start({ logLevel: 'info', ...options });
}
