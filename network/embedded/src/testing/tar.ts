import { gzipSync } from 'node:zlib';

const block = 512;

/** A gzipped archive of plain files, for chaincode packages in tests (POSIX ustar). */
export function tarGz(files: Readonly<Record<string, Uint8Array | string>>): Buffer {
  const parts = Object.entries(files).flatMap(([name, content]) => {
    const bytes = Buffer.from(content);
    const padding = (block - (bytes.length % block)) % block;
    return [header(name, bytes.length), bytes, Buffer.alloc(padding)];
  });
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * block)]));
}

function header(name: string, size: number): Buffer {
  const bytes = Buffer.alloc(block);
  bytes.write(name, 0);
  bytes.write('0000644\0', 100);
  bytes.write('0000000\0', 108);
  bytes.write('0000000\0', 116);
  bytes.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  bytes.write('00000000000\0', 136);
  bytes.write('        ', 148);
  bytes.write('0ustar\x0000', 156);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}

/** A package of a chaincode that runs as a service at `address`. */
export function servicePackage(label: string, address: string): Buffer {
  return tarGz({
    'metadata.json': JSON.stringify({ type: 'ccaas', label }),
    'code.tar.gz': tarGz({
      'connection.json': JSON.stringify({ address, dial_timeout: '10s', tls_required: false }),
    }),
  });
}
