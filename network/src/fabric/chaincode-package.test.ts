import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { packageService } from './chaincode-package.js';

/** Files of a gzipped tar archive by name, read by the field positions of POSIX ustar. */
function filesOf(archive: Buffer): Map<string, Buffer> {
  const bytes = gunzipSync(archive);
  const files = new Map<string, Buffer>();
  for (let offset = 0; bytes[offset] !== 0;) {
    const header = bytes.subarray(offset, offset + 512);
    const size = parseInt(header.toString('latin1', 124, 135), 8);
    const blank = Buffer.from(header);
    blank.fill(' ', 148, 156);
    const checksum = blank.reduce((sum, byte) => sum + byte, 0);
    assert.equal(parseInt(header.toString('latin1', 148, 154), 8), checksum);
    const name = header.toString('latin1', 0, header.indexOf(0));
    files.set(name, bytes.subarray(offset + 512, offset + 512 + size));
    offset += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

describe('A chaincode package', () => {
  it('names the service and not its address', () => {
    const files = filesOf(packageService('care', '1.2').bytes);
    assert.deepEqual([...files.keys()], ['metadata.json', 'code.tar.gz']);
    assert.deepEqual(JSON.parse(files.get('metadata.json')!.toString()), {
      type: 'ccaas',
      label: 'care_1.2',
    });
    const code = filesOf(files.get('code.tar.gz')!);
    assert.deepEqual([...code].map(String), ['service.name,care\n']);
  });

  it('has equal bytes for equal input, and an id of label and digest', () => {
    const one = packageService('care', '1.2');
    assert.deepEqual(packageService('care', '1.2').bytes, one.bytes);
    assert.equal(one.id, `care_1.2:${createHash('sha256').update(one.bytes).digest('hex')}`);
    assert.notEqual(packageService('care', '1.3').id, one.id);
  });
});
