import { createRequire } from 'node:module';
import { Recent } from '@vitaledger/domain';

/** How many certificates are remembered: some ten kilobytes each. */
const MOST = 500;

type Parse = (pem: unknown) => object;

/**
 * Makes the contract library parse each caller's certificate once. It does so for every transaction, in JavaScript: a sixth of what a small one
 * takes. A certificate depends on its PEM and nothing else, and whoever reads one changes nothing in it.
 *
 * @param certificates the class that the library parses with.
 * @returns whether it was done; not in a second call.
 */
export function rememberCertificates(certificates: { fromPEM: Parse }): boolean {
  const parse = certificates.fromPEM;
  if (remembering.has(parse)) return false;
  const known = new Recent<object>(MOST);
  const remembered: Parse = (pem) => {
    if (typeof pem !== 'string') return parse(pem);
    const found = known.get(pem) ?? parse(pem);
    known.set(pem, found);
    return found;
  };
  remembering.add(remembered);
  certificates.fromPEM = remembered;
  return true;
}

const remembering = new WeakSet<Parse>();

/** The class as the contract library finds it; it is no dependency of ours. */
export function libraryCertificates(): { fromPEM: Parse } {
  const library = createRequire(require.resolve('fabric-shim'));
  return (library('@fidm/x509') as { Certificate: { fromPEM: Parse } }).Certificate;
}

rememberCertificates(libraryCertificates());
