import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { ConnectionProfile, ProfilePeer } from '../connection/profile.js';
import { trustedRoots, validity } from './certificates.js';
import { failed, ok, reasonOf, type Finding } from './finding.js';

const PATIENCE_MS = 5_000;

/** Whether each peer of the profile can be reached and shows the certificate that the profile trusts. */
export async function* examinePeers({ peers }: ConnectionProfile, now: Date): AsyncGenerator<Finding> {
  for (const [name, peer] of Object.entries(peers)) {
    yield* trustedRoots(`TLS root of ${name}`, peer.tlsCACerts.pem, now);
    yield* await examinePeer(name, peer, now);
  }
}

async function examinePeer(name: string, peer: ProfilePeer, now: Date): Promise<readonly Finding[]> {
  const { hostname, port } = new URL(peer.url);
  const began = performance.now();
  let socket: TLSSocket;
  try {
    socket = await handshake(hostname, Number(port), peer);
  } catch (error) {
    return [failed(name, `${hostname}:${port}: ${reasonOf(error)}. ${remedy(error)}`)];
  }
  const took = (performance.now() - began).toFixed(0);
  const { valid_from: from, valid_to: to } = socket.getPeerCertificate();
  socket.destroy();
  return [
    ok(name, `answers at ${hostname}:${port} in ${took} ms`),
    validity(`TLS certificate of ${name}`, new Date(from), new Date(to), now),
  ];
}

function handshake(host: string, port: number, { tlsCACerts, grpcOptions }: ProfilePeer): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const name = grpcOptions?.['ssl-target-name-override'] ?? host;
    const socket = connect({
      host,
      port,
      ca: tlsCACerts.pem,
      // An address is no server name (RFC 6066, section 3).
      ...(isIP(name) === 0 ? { servername: name } : {}),
      ALPNProtocols: ['h2'],
    });
    socket.setTimeout(PATIENCE_MS, () => {
      socket.destroy(new Error(`no answer within ${String(PATIENCE_MS / 1000)} s`));
    });
    socket.once('secureConnect', () => {
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

/** What to do, by what Node and OpenSSL say of a connection that did not come about. */
function remedy(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'ECONNREFUSED')
    return 'Nothing listens there: is the peer running ("vitaledger network status")?';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return 'The name is not known here: check DNS or the profile.';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'It is another server than the profile names.';
  if (/CERT|ISSUER|SIGNATURE|SELF_SIGNED/u.test(code)) {
    return "It shows a certificate that the profile's roots did not sign: get the present profile.";
  }
  return 'Check the network between here and there, and its firewalls.';
}
