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
