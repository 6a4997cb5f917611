import { parseTopology, type Topology } from '@vitaledger/network';
import { join } from 'node:path';

/** Chaincode paths are relative to the folder of this package. */
const folder = join(__dirname, '../..');

/** Two organizations with a peer each, one orderer; every operation is endorsed by one of them. */
export function loadTopology(): Topology {
  return parseTopology(
    `
name: bench
organizations:
  - name: hospital
    mspId: HospitalMSP
    domain: hospital.example
    kinds: [hospital]
    jurisdiction: US-CA
    identities: [{ name: service, role: service }, { name: registrar, role: registrar }]
  - name: clinic
    mspId: ClinicMSP
    domain: clinic.example
    kinds: [clinic]
    jurisdiction: US-CA
channels:
  - { name: care, members: [hospital, clinic], readers: peers-and-admins }
  - { name: minimal, members: [hospital, clinic] }
chaincodes:
  - { name: care, channel: care, path: ../chaincode/care, consortium: true }
  - name: minimal
    channel: minimal
    path: chaincodes/minimal
    policy: "OR('HospitalMSP.peer', 'ClinicMSP.peer')"
`,
    folder,
    'the topology of the benchmarks',
  );
}

/**
 * Five organizations with a peer each on both channels. The minimal chaincode has the policy that Fabric gives a chaincode
 * unless told, a majority's endorsement; a record is endorsed by its custodian.
 */
export function recordsTopology(): Topology {
  const others = ['clinic', 'pharmacy', 'laboratory', 'research'];
  const other = (name: string): string => `
  - name: ${name}
    mspId: ${name[0]?.toUpperCase() ?? ''}${name.slice(1)}MSP
    domain: ${name}.example
    kinds: [${name}]
    jurisdiction: US-CA`;
  return parseTopology(
    `
name: records
organizations:
  - name: hospital
    mspId: HospitalMSP
    domain: hospital.example
    kinds: [hospital]
    jurisdiction: US-CA
    identities: [{ name: service, role: service }, { name: registrar, role: registrar }]${others.map(other).join('')}
channels:
  - { name: care, members: [hospital, ${others.join(', ')}], readers: peers-and-admins }
  - { name: minimal, members: [hospital, ${others.join(', ')}] }
chaincodes:
  - { name: care, channel: care, path: ../chaincode/care, consortium: true }
  - { name: minimal, channel: minimal, path: chaincodes/minimal }
`,
    folder,
    'the topology of the benchmarks of records',
  );
}

/** The least that can commit a transaction: one organization, one peer, one chaincode. */
export function coldStartTopology(): Topology {
  return parseTopology(
    `
name: cold-start
organizations:
  - name: hospital
    mspId: HospitalMSP
    domain: hospital.example
    kinds: [hospital]
    jurisdiction: US-CA
    identities: [{ name: service, role: service }]
channels:
  - { name: minimal, members: [hospital] }
chaincodes:
  - { name: minimal, channel: minimal, path: chaincodes/minimal }
`,
    folder,
    'the topology of the cold start',
  );
}
