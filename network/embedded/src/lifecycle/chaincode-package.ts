import { createHash } from 'node:crypto';
import { constants, gunzipSync } from 'node:zlib';
import type { ChaincodeConnection } from '../chaincode/definition.js';

/** A package that cannot be installed; the message is that of the peer's `_lifecycle`. */
export class PackageError extends Error {
  override readonly name = 'PackageError';
}

export interface InstalledPackage {
  readonly packageId: string;
  readonly label: string;
  /** Where the chaincode listens; undefined when the package does not say it. */
  readonly connection: ChaincodeConnection | undefined;
  readonly bytes: Uint8Array;
}

const maxUnpackedBytes = 100 * 1024 * 1024;
const labelPattern = /^[a-zA-Z0-9][a-zA-Z0-9_.+-]*$/;
const serviceTypes: readonly string[] = ['ccaas', 'external'];

/** Reads what `peer lifecycle chaincode package` writes, for a chaincode that runs as a service. Throws PackageError. */
export function readPackage(bytes: Uint8Array): InstalledPackage {
  const files = withText('could not parse as a chaincode install package', () => untar(bytes));
  const { type, label } = readMetadata(files);
  if (!serviceTypes.includes(type)) {
    throw new PackageError(
      `could not build chaincode: the embedded ledger runs chaincode as a service only: make a package of type ccaas, not ${type}`,
    );
  }
  const packageId = `${label}:${createHash('sha256').update(bytes).digest('hex')}`;
  const code = withText('could not build chaincode', () =>
    untar(files.get('code.tar.gz') ?? new Uint8Array()),
  );
  const connection = code.get('connection.json');
  return {
    packageId,
    label,
    connection: connection === undefined ? undefined : readConnection(packageId, connection),
    bytes,
  };
}

function readMetadata(files: ReadonlyMap<string, Buffer>): { type: string; label: string } {
  const refuse = (problem: string) =>
    new PackageError(`could not parse as a chaincode install package: ${problem}`);
  if (!files.has('code.tar.gz')) {
    throw refuse('did not find a code package inside the package');
  }
  const metadata = files.get('metadata.json');
  if (metadata === undefined) {
    throw refuse('did not find any package metadata (missing metadata.json)');
  }
  const { type, label } = parseJson(
    metadata,
    'could not parse as a chaincode install package: could not unmarshal metadata.json as json',
  );
  if (typeof label !== 'string' || !labelPattern.test(label)) {
    throw refuse(
      `invalid label '${typeof label === 'string' ? label : ''}'. Label must be non-empty, can only consist of alphanumerics, symbols from '.+-_', and can only begin with alphanumerics`,
    );
  }
  return { type: String(type), label };
}

/** `connection.json` of a chaincode as a service. */
function readConnection(packageId: string, file: Buffer): ChaincodeConnection {
  const value = parseJson(file, 'could not build chaincode: connection.json');
  const text = (key: string) => {
    const given = value[key];
    return typeof given === 'string' && given !== '' ? given : undefined;
  };
  const address = text('address');
  if (address === undefined) {
    throw new PackageError('could not build chaincode: chaincode address not provided');
  }
  const rootCertificate = text('root_cert');
  if (value.tls_required === true && rootCertificate === undefined) {
    throw new PackageError('could not build chaincode: tls root cert not provided');
  }
  const clientAuth = value.client_auth_required === true;
  return {
    address,
    packageId,
    dialTimeoutMs: milliseconds(text('dial_timeout')),
    tls:
      value.tls_required === true && rootCertificate !== undefined
        ? {
            rootCertificate,
            clientCertificate: clientAuth ? text('client_cert') : undefined,
            clientKey: clientAuth ? text('client_key') : undefined,
          }
        : undefined,
  };
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

/** A duration as Go writes it (`10s`, `500ms`); undefined when there is none. */
function milliseconds(duration: string | undefined): number | undefined {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(duration ?? '') ?? [];
  return count === undefined ? undefined : Number(count) * (units[unit] ?? 1_000);
}

function parseJson(bytes: Buffer, what: string): Readonly<Record<string, unknown>> {
  const value = withText(what, () => JSON.parse(bytes.toString('utf8')) as unknown);
  if (typeof value !== 'object' || value === null) {
    throw new PackageError(`${what} holds no object`);
  }
  return value as Readonly<Record<string, unknown>>;
}

function withText<T>(text: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new PackageError(`${text}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

const block = 512;

/** The plain files of a gzipped tar archive (POSIX ustar, with the long names of pax and GNU left out) by name. */
function untar(compressed: Uint8Array): ReadonlyMap<string, Buffer> {
  const archive = inflate(compressed);
  const files = new Map<string, Buffer>();
  for (let offset = 0; offset + block <= archive.length;) {
    const header = archive.subarray(offset, offset + block);
    if (header.every((byte) => byte === 0)) {
      break;
    }
    const name = field(header, 0, 100).replace(/^\.\//, '');
    const size = Number.parseInt(field(header, 124, 12).trim() || '0', 8);
    const end = offset + block + size;
    if (!Number.isSafeInteger(size) || size < 0 || end > archive.length) {
      throw new Error(`could not read ${name} from tar: unexpected EOF`);
    }
    const type = field(header, 156, 1);
    if (type === '' || type === '0') {
      files.set(name, archive.subarray(offset + block, end));
    }
    offset = end + ((block - (size % block)) % block);
  }
  return files;
}

const gzipHeaderBytes = 10;

/** As far as the bytes go: what is missing at the end shows in the archive. */
function inflate(compressed: Uint8Array): Buffer {
  const what = 'error reading as gzip stream';
  if (compressed.length < gzipHeaderBytes) {
    throw new Error(`${what}: ${compressed.length === 0 ? 'EOF' : 'unexpected EOF'}`);
  }
  if (compressed[0] !== 0x1f || compressed[1] !== 0x8b) {
    throw new Error(`${what}: gzip: invalid header`);
  }
  return gunzipSync(compressed, {
    maxOutputLength: maxUnpackedBytes,
    finishFlush: constants.Z_SYNC_FLUSH,
  });
}

function field(header: Buffer, start: number, length: number): string {
  const [text = ''] = header.toString('latin1', start, start + length).split('\0');
  return text;
}
