import { purposeCoding, type ConsentBody } from '@vitaledger/domain';
import { ConsentContract } from '../consent/consent-contract.js';
import { RecordContract } from '../records/record-contract.js';
import { caller, random, type Bench } from './bench.js';
import { Patient } from './patient.js';

const records = new RecordContract();
const consents = new ConsentContract();

/** A patient of a site who may take part in a trial. */
export class TrialParticipant {
  readonly patient: Patient;
  readonly participation = random();
  /** Of the last consent. */
  consentId = '';

  constructor(
    readonly bench: Bench,
    readonly site: string,
    readonly trial: string,
  ) {
    this.patient = new Patient(bench, site);
  }

  /** Is enrolled as a patient at the site, and grants a consent to the trial. */
  async consent(change: Partial<ConsentBody> = {}): Promise<void> {
    const as = caller(this.site, 'registrar');
    await this.bench.submit(records, 'enrol', { as, input: this.patient.enrolment() });
    this.consentId = random();
    const statement = this.patient.consent({
      consent: this.consentId,
      trial: this.trial,
      provision: {
        type: 'permit',
        purpose: [purposeCoding('CLINTRCH')],
        period: { end: '2027-03-01' },
      },
      ...change,
    });
    const input = { patient: this.patient.id, statement, salt: random() };
    await this.bench.submit(consents, 'grant', { as, input });
  }

  /** Input of `enrol`. */
  enrolment(change: object = {}) {
    const { participation, trial, consentId: consent } = this;
    return { participation, patient: this.patient.id, trial, consent, salt: random(), ...change };
  }

  /** Input of `emergency`. */
  emergency() {
    return { participation: this.participation, trial: this.trial, cause: 'adverse-event', salt: random() };
  }

  /** Presents the secret of the consent. */
  async revoke(): Promise<void> {
    const secret = this.patient.secrets.get(this.consentId) ?? '';
    await this.bench.submit(consents, 'revoke', { as: caller(this.site, 'registrar'), args: [secret] });
  }
}
