import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/** A chaincode package as `peer lifecycle chaincode install` takes it. */
export interface ChaincodePackage {
  readonly label: string;
  /** `<label>:<sha256 of the bytes, hexadecimal>`, as the peer computes it. */
  readonly id: string;
  readonly bytes: Buffer;
}

/**
 * Packages a chaincode that runs as a service. The package says which service and not where it is, so it is the same for
 * every peer and organization, and equal input gives equal bytes.
 */
export function packageService(name: string, version: string): ChaincodePackage {
  const label = `${name}_${version}`;
  const code = tarGz([{ name: 'service.name', content: Buffer.from(`${name}\n`) }]);
  const bytes = tarGz([
    { name: 'metadata.json', content: Buffer.from(JSON.stringify({ type: 'ccaas', label })) },
    { name: 'code.tar.gz', content: code },
  ]);
  return { label, id: `${label}:${createHash('sha256').update(bytes).digest('hex')}`, bytes };
}

interface TarEntry {
  readonly name: string;
  readonly content: Buffer;
}

const BLOCK = 512;

/** A gzipped POSIX ustar archive (IEEE Std 1003.1, pax) of plain files, without times and owners. */
function tarGz(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap(({ name, content }) => [tarHeader(name, content.length), padded(content)]);
  const compressed = gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]), { level: 9 });
  // Byte 9 of a gzip header names the operating system (RFC 1952, 2.3); 255 is "unknown".
  compressed[9] = 255;
  return compressed;
}

function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`;
  header.write(name, 0);
  header.write(octal(0o644, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(size, 12), 124);
  header.write(octal(0, 12), 136);
  // The checksum is taken with its own field filled with spaces.
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const checksum = header.reduce((sum, byte) => sum + byte, 0);
  header.write(`${checksum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)]);
}
