import type { Authority, Issued } from './authority.js';
import type { FolderContents } from './folder.js';

const UNITS = ['Client', 'Peer', 'Admin', 'Orderer'] as const;

/** An organization's authorities and its domain: what every MSP folder of it contains. */
export interface Authorities {
  readonly domain: string;
  readonly enrolment: Authority;
  readonly tls: Authority;
}

/** The verifying part of an MSP folder, as cryptogen lays it out: roots, TLS roots, NodeOUs. */
export function putMspRoots(
  into: FolderContents,
  under: string,
  { domain, enrolment, tls }: Authorities,
): void {
  into.certificate(`${under}cacerts/ca.${domain}-cert.pem`, enrolment.certificatePem);
  into.certificate(`${under}tlscacerts/tlsca.${domain}-cert.pem`, tls.certificatePem);
  into.text(`${under}config.yaml`, nodeOUs(domain));
}

/** A local MSP folder: the roots, the holder's certificate and key. */
export function putLocalMsp(
  into: FolderContents,
  authorities: Authorities,
  name: string,
  issued: Issued,
): void {
  putMspRoots(into, 'msp/', authorities);
  into.certificate(`msp/signcerts/${name}-cert.pem`, issued.certificate);
  into.privateKey('msp/keystore/priv_sk', issued.key);
}

/** A `tls` folder as test-network's: `ca.crt` beside `server.*` or `client.*`. */
export function putTls(
  into: FolderContents,
  authorities: Authorities,
  end: 'server' | 'client',
  issued: Issued,
): void {
  into.certificate('tls/ca.crt', authorities.tls.certificatePem);
  into.certificate(`tls/${end}.crt`, issued.certificate);
  into.privateKey(`tls/${end}.key`, issued.key);
}

function nodeOUs(domain: string): string {
  const entries = UNITS.map(
    (unit) =>
      `    ${unit}OUIdentifier:\n` +
      `        Certificate: cacerts/ca.${domain}-cert.pem\n` +
      `        OrganizationalUnitIdentifier: ${unit.toLowerCase()}\n`,
  );
  return `NodeOUs:\n    Enable: true\n${entries.join('')}`;
}
