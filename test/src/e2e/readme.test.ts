import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suiteNetwork } from '../harness/suite-network.js';

const readme = join(__dirname, '../../../client/README.md');

describe('the example in the client’s README', () => {
  it('runs as it stands there', async function () {
    this.timeout(60_000);
    const network = await suiteNetwork();
    const example = /```js\n(.*?)```/s.exec(readFileSync(readme, 'utf8'))?.[1];
    assert.ok(example, 'there is no example');
    // Beside this file, so that it finds the packages; with the folder that `network up` makes unless told otherwise.
    const folder = mkdtempSync(join(__dirname, 'example-'));
    try {
      mkdirSync(join(folder, '.vitaledger'));
      symlinkSync(network.directory.root, join(folder, '.vitaledger/network'));
      writeFileSync(join(folder, 'example.js'), example);
      const { code, output } = await new Promise<{ code: number | null; output: string }>((resolve) => {
        const child = spawn(process.execPath, ['example.js'], { cwd: folder });
        let text = '';
        for (const stream of [child.stdout, child.stderr])
          stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
        child.on('close', (status) => {
          resolve({ code: status, output: text });
        });
      });
      assert.equal(code, 0, output);
      assert.match(output, /1 of 1 custodians have it/);
      assert.match(output, /Condition Hypertension/);
      assert.match(output, /CONSENT_DENIED/);
      assert.match(output, /ClinicMSP practitioner TREAT permit/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
