import { TrialDataContract } from '../trial-documents/trial-data-contract.js';
import { TrialDataReleaseContract } from '../trial-documents/trial-data-release-contract.js';
import { TrialDocumentContract } from '../trial-documents/trial-document-contract.js';
import { caller, random, type Bench } from './bench.js';
import { KeyPair } from './patient.js';
import { trialDocument } from './trial.js';

const data = new TrialDataContract();
const release = new TrialDataReleaseContract();
const documents = new TrialDocumentContract();

/** A data set of a trial, offered by its sponsor for general research under a committee. */
export class OfferedDataSet {
  readonly description = trialDocument({ kind: 'data-set' });
  /** The researcher's. */
  readonly key = new KeyPair();
  document = '';

  constructor(
    readonly bench: Bench,
    readonly sponsor: string,
    readonly trial: string,
    readonly committee: string,
  ) {}

  async offer(): Promise<this> {
    const as = caller(this.sponsor, 'sponsor');
    const described = JSON.stringify(this.description);
    const added = await this.bench.submit(documents, 'register', { as, args: [this.trial, described] });
    this.document = (JSON.parse(added) as { document: string }).document;
    const terms = { permission: { code: 'GRU' }, modifiers: [] };
    const offer = JSON.stringify({ terms, committee: this.committee });
    await this.bench.submit(data, 'offer', { as, args: [this.trial, this.document, offer] });
    return this;
  }

  /** Input of `hold`. */
  holding(change: object = {}) {
    const { trial, document } = this;
    const { digest, size } = this.description;
    return {
      trial,
      document,
      record: random(),
      manifest: { object: random(), size, chunkSize: 65536, chunks: 1, digest },
      keyShare: Buffer.alloc(32, 7).toString('base64url'),
      salt: random(),
      ...change,
    };
  }

  async hold(): Promise<void> {
    await this.bench.submit(release, 'hold', { as: caller(this.sponsor, 'sponsor'), input: this.holding() });
  }

  /** A request by researcher-1 of an organization. */
  async request(by: string): Promise<string> {
    const question = JSON.stringify({ title: 'Study', purpose: { aims: ['health'], undertakings: [] } });
    const args = [this.trial, this.document, question];
    const asked = await this.bench.submit(data, 'request', { as: caller(by, 'researcher'), args });
    return (JSON.parse(asked) as { request: string }).request;
  }

  /** Has the committee approve a request for so many days. */
  async approve(request: string, days = 30): Promise<void> {
    const until = new Date(Date.parse(this.bench.now) + days * 86_400_000).toISOString();
    const args = [request, JSON.stringify({ approved: true, until })];
    await this.bench.submit(data, 'decide', { as: caller(this.committee, 'ethics'), args });
  }

  /** Has researcher-1 of an organization put on the log that the key is collected. */
  async collect(request: string, by: string): Promise<void> {
    const args = [request, JSON.stringify(this.key.jwk)];
    await this.bench.submit(release, 'collect', { as: caller(by, 'researcher'), args });
  }
}
