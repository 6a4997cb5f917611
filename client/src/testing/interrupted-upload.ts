import { readFileSync } from 'node:fs';
import { FileVault } from '../vault/file-vault.js';
import { continueContent, type Upload } from '../vault/upload.js';

/** The same content every time, slowly: MiB by MiB. */
export async function* slowContent(mebibytes: number): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < mebibytes; n++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    yield Buffer.alloc(1 << 20, n);
  }
}

async function main(folder: string, file: string, mebibytes: number): Promise<void> {
  const upload = JSON.parse(readFileSync(file, 'utf8')) as Upload;
  const context = { record: upload.record, version: 1 };
  console.log('begun');
  await continueContent(new FileVault(folder), slowContent(mebibytes), upload, context);
  console.log('done');
}

if (require.main === module) {
  const [, , folder = '', file = '', mebibytes = ''] = process.argv;
  void main(folder, file, Number(mebibytes));
}
