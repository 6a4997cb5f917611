import type { ConnectionProfile } from '../connection/profile.js';

/** A hospital's profile with two peers, none of which is there. */
export function exampleProfile(): ConnectionProfile {
  const peer = (port: number): ConnectionProfile['peers'][string] => ({
    url: `grpcs://localhost:${port}`,
    tlsCACerts: { pem: '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n' },
    grpcOptions: { 'ssl-target-name-override': 'peer0.hospital.example' },
  });
  const channel = (name: string): ConnectionProfile['channels'][string] => ({
    chaincodes: [name],
    peers: { 'peer0.hospital.example': {}, 'peer1.hospital.example': {} },
    members: ['HospitalMSP', 'ClinicMSP'],
    custodians: ['HospitalMSP', 'ClinicMSP'],
  });
  return {
    name: 'example-hospital',
    version: '1.0.0',
    peers: { 'peer0.hospital.example': peer(1), 'peer1.hospital.example': peer(2) },
    channels: { care: channel('care'), registry: channel('registry') },
    vitaledger: {
      network: 'example',
      networkId: 'ab'.repeat(16),
      mspId: 'HospitalMSP',
      organizations: {
        HospitalMSP: { name: 'hospital', vault: 'vaults/HospitalMSP' },
        ClinicMSP: { name: 'clinic' },
      },
    },
  };
}
