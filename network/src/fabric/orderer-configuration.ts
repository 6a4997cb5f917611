import { join } from 'node:path';
import { HOST } from './peer-configuration.js';

/** What differs from orderer to orderer. Paths are absolute. */
export interface OrdererSettings {
  readonly mspId: string;
  readonly ports: { readonly listen: number; readonly admin: number; readonly operations: number };
  /** Folder with `msp` and `tls`, as Fabric's test-network has it. */
  readonly identity: string;
  readonly data: string;
}

/** `orderer.yaml` of one Raft orderer, as data; channels are joined by its channel participation service. */
export function ordererConfiguration(settings: OrdererSettings): Record<string, unknown> {
  const tls = (name: string): string => join(settings.identity, 'tls', name);
  return {
    General: {
      ListenAddress: HOST,
      ListenPort: settings.ports.listen,
      LocalMSPID: settings.mspId,
      LocalMSPDir: join(settings.identity, 'msp'),
      BootstrapMethod: 'none',
      TLS: {
        Enabled: true,
        Certificate: tls('server.crt'),
        PrivateKey: tls('server.key'),
        RootCAs: [tls('ca.crt')],
        ClientAuthRequired: false,
      },
      // Consenters know each other by the TLS certificates that the channel configuration pins.
      Cluster: {
        ClientCertificate: tls('server.crt'),
        ClientPrivateKey: tls('server.key'),
        RootCAs: [tls('ca.crt')],
        SendBufferSize: 100,
      },
      Keepalive: { ServerMinInterval: '60s', ServerInterval: '7200s', ServerTimeout: '20s' },
      BCCSP: { Default: 'SW', SW: { Hash: 'SHA2', Security: 256 } },
      Authentication: { TimeWindow: '15m' },
    },
    FileLedger: { Location: join(settings.data, 'ledger') },
    Consensus: {
      WALDir: join(settings.data, 'etcdraft', 'wal'),
      SnapDir: join(settings.data, 'etcdraft', 'snapshot'),
    },
    ChannelParticipation: { Enabled: true, MaxRequestBodySize: '1 MB' },
    Admin: {
      ListenAddress: `${HOST}:${settings.ports.admin}`,
      TLS: {
        Enabled: true,
        Certificate: tls('server.crt'),
        PrivateKey: tls('server.key'),
        RootCAs: [tls('ca.crt')],
        // Whoever may administer the orderer holds a TLS certificate of its organization.
        ClientAuthRequired: true,
        ClientRootCAs: [tls('ca.crt')],
      },
    },
    Operations: { ListenAddress: `${HOST}:${settings.ports.operations}`, TLS: { Enabled: false } },
    Metrics: { Provider: 'prometheus' },
  };
}
