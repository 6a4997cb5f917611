import assert from 'node:assert/strict';
import type { LogEntry } from '../access/receipt.js';
import { auditEvent, auditEventBundle, DISCLOSURE_PROFILE } from './audit-event.js';
import { disclosureCsv } from './csv.js';
import { disclosureReport, type DisclosureLaw } from './report.js';

const AT = '2026-03-01T12:00:00.000Z';
const CONSENT = 'c'.repeat(32);

function entry(change: Partial<LogEntry> = {}): LogEntry {
  return {
    receipt: '1'.repeat(64),
    patient: 'a'.repeat(32),
    custodian: 'HospitalMSP',
    instant: '2026-01-15T08:30:00.000Z',
    actor: { mspId: 'HealthOfficeMSP', subject: 'officer-7', role: 'practitioner' },
    scope: 'content',
    purpose: 'PUBHLTH',
    filter: {},
    outcome: 'permit',
    rules: [],
    salt: '0'.repeat(64),
    ...change,
  };
}

const rule = { consent: CONSENT, version: 1, path: 'provision', type: 'permit', certain: true } as const;
const own = { mspId: 'HospitalMSP', subject: 'd-1', role: 'practitioner' } as const;

describe('disclosureReport', () => {
  const US = 'us-45cfr164.528';
  const EU = 'eu-2025-327-art9';
  /** Law, what happened, and the provision by which it is left out (or that it is in). */
  const examples: readonly (readonly [DisclosureLaw, string, Partial<LogEntry>, RegExp | 'in'])[] = [
    [US, 'public health, without an authorization', {}, 'in'],
    [US, 'a threat, which stands below public health', { purpose: 'THREAT' }, 'in'],
    [US, 'a release by law in the six years', { instant: '2020-03-01T00:00:00.000Z' }, 'in'],
    [US, 'before the six years', { instant: '2020-02-29T23:59:59.999Z' }, /164\.528\(a\)\(1\): six years/],
    [US, 'what was denied', { outcome: 'deny' }, /160\.103/],
    [US, 'treatment', { purpose: 'TREAT' }, /\(a\)\(1\)\(i\)$/],
    [US, 'emergency treatment', { purpose: 'BTG' }, /\(a\)\(1\)\(i\)$/],
    [US, 'payment', { purpose: 'CLMATTCH' }, /\(a\)\(1\)\(i\)$/],
    [US, 'operations', { purpose: 'HQUALIMP' }, /\(a\)\(1\)\(i\)$/],
    [US, 'to the person', { purpose: 'PATRQT' }, /\(a\)\(1\)\(ii\)$/],
    [US, 'to a personal representative', { purpose: 'PWATRNY' }, /\(a\)\(1\)\(ii\)$/],
    [US, 'to family involved in care', { purpose: 'FAMRQT' }, /\(a\)\(1\)\(v\)$/],
    [US, 'research by an authorization', { purpose: 'HRESCH', rules: [rule] }, /\(a\)\(1\)\(iv\)$/],
    [US, 'research without one', { purpose: 'HRESCH' }, 'in'],
    [
      US,
      'research that a rule denied in part',
      { purpose: 'HRESCH', rules: [{ ...rule, type: 'deny' }] },
      'in',
    ],
    [US, 'use by the custodian itself', { actor: own }, /160\.103/],
    [EU, 'treatment by others', { purpose: 'TREAT' }, 'in'],
    [EU, 'use by the custodian itself', { actor: own, purpose: 'TREAT' }, 'in'],
    [EU, 'an inspection', { actor: own, purpose: 'HOPERAT', inspection: true }, 'in'],
    [EU, 'an emergency', { purpose: 'ETREAT' }, 'in'],
    [EU, 'what was denied', { outcome: 'deny' }, /art\. 9\(1\)/],
    [EU, 'in the three years', { instant: '2023-03-01T00:00:00.000Z' }, 'in'],
    [EU, 'before the three years', { instant: '2023-02-28T23:59:59.999Z' }, /art\. 9\(2\)/],
    [EU, 'secondary use', { purpose: 'CLINTRCH' }, /ch\. IV/],
  ];
  for (const [law, what, change, expected] of examples) {
    it(`${law}: ${what} is ${expected === 'in' ? 'in' : `left out by ${expected.source}`}`, () => {
      const { disclosures, excluded } = disclosureReport([entry(change)], law, AT);
      if (expected === 'in') {
        assert.deepEqual([disclosures.length, excluded], [1, []]);
      } else {
        assert.equal(disclosures.length, 0);
        assert.match(excluded[0]?.citation ?? '', expected);
      }
    });
  }

  it('loses no entry, and tells them in the order of time', () => {
    const times = ['2026-01-03', '2026-01-01', '2019-01-01', '2026-01-02'];
    const entries = times.map((day, index) =>
      entry({ instant: `${day}T00:00:00.000Z`, receipt: String(index).repeat(64) }),
    );
    const report = disclosureReport(entries, US, AT);
    assert.deepEqual(
      report.disclosures.map(({ receipt }) => receipt[0]),
      ['1', '3', '0'],
    );
    assert.deepEqual(
      report.excluded.map(({ receipt, reason }) => [receipt[0], reason]),
      [['2', 'BEFORE_PERIOD']],
    );
    assert.deepEqual([report.from, report.to], ['2020-03-01', AT]);
  });

  it('counts years back by the calendar', () => {
    assert.equal(disclosureReport([], EU, '2028-02-29T00:00:00.000Z').from, '2025-02-28');
  });
});

describe('auditEvent', () => {
  const event = auditEvent(
    entry({ via: 'ehr-1', rules: [rule, rule], filter: { classes: ['Observation'] } }),
  );
  const agentOf = (code: string) => event.agent.filter(({ type }) => type?.coding?.[0]?.code === code);
  const entityOf = (code: string) => (event.entity ?? []).filter(({ type }) => type?.code === code);

  it('has the type, subtype, action and outcome of a disclosure at its source (IHE BALP)', () => {
    assert.deepEqual(event.meta?.profile, [DISCLOSURE_PROFILE]);
    assert.deepEqual([event.type.code, event.subtype?.[0]?.code, event.action], ['110106', 'disclose', 'R']);
    assert.deepEqual([event.recorded, event.outcome], ['2026-01-15T08:30:00.000Z', '0']);
    assert.equal(event.purposeOfEvent?.[0]?.coding?.[0]?.code, 'PUBHLTH');
  });

  it('names each slice of agents once: source, recipient, user, application; the source is who observed', () => {
    for (const code of ['110153', '110152', 'IRCP', '110150']) assert.equal(agentOf(code).length, 1, code);
    const [source, recipient, user] = event.agent;
    assert.deepEqual(source!.who, event.source.observer);
    assert.ok(source!.network && recipient!.network, 'BALP asks for both');
    assert.equal(recipient!.who!.identifier!.value, 'HealthOfficeMSP');
    assert.equal(user!.who!.identifier!.value, 'HealthOfficeMSP/officer-7');
    assert.deepEqual(
      event.agent.map(({ requestor }) => requestor),
      [false, false, true, false],
    );
  });

  it('names the patient, the question, the receipt and each consent once', () => {
    assert.equal(entityOf('1').length, 1);
    assert.equal(entityOf('1')[0]?.what?.type, 'Patient');
    const query = Buffer.from(entityOf('2')[0]?.query ?? '', 'base64').toString();
    assert.deepEqual(JSON.parse(query), { scope: 'content', classes: ['Observation'] });
    assert.equal(entityOf('XrequestId')[0]?.what?.identifier?.value, '1'.repeat(64));
    assert.deepEqual(
      entityOf('Consent').map(({ what }) => what?.identifier?.value),
      [CONSENT],
    );
  });

  it('names single records where those were asked for, and the prescription that was shown', () => {
    const { entity = [], agent } = auditEvent(
      entry({ filter: { records: ['d'.repeat(32), 'e'.repeat(32)] }, prescription: 'f'.repeat(32) }),
    );
    const records = entity.filter(({ type }) => type?.code === '2');
    assert.deepEqual(
      records.map(({ what, query }) => [what?.identifier?.value, query]),
      [
        ['d'.repeat(32), undefined],
        ['e'.repeat(32), undefined],
      ],
    );
    assert.equal(entity.at(-1)?.what?.identifier?.value, 'f'.repeat(32));
    assert.equal(agent.length, 3, 'no application where no service acted');
  });

  it('comes in a bundle with one event for each disclosure', () => {
    const report = disclosureReport([entry(), entry({ purpose: 'TREAT' })], 'us-45cfr164.528', AT);
    const bundle = auditEventBundle(report);
    assert.deepEqual([bundle.type, bundle.timestamp, bundle.entry?.length], ['collection', AT, 1]);
  });
});

describe('disclosureCsv', () => {
  const csv = (change: Partial<LogEntry>) =>
    disclosureCsv(disclosureReport([entry(change)], 'eu-2025-327-art9', AT));

  it('has a header and one line for each disclosure, ended as RFC 4180 says', () => {
    const [header, line, end, ...rest] = csv({ rules: [rule] }).split('\r\n');
    assert.match(header ?? '', /^date,custodian,recipient organization,/);
    assert.equal(
      line,
      `2026-01-15T08:30:00.000Z,HospitalMSP,HealthOfficeMSP,officer-7,practitioner,,PUBHLTH,,content,all records permitted,consent ${CONSENT},${'1'.repeat(64)}`,
    );
    assert.deepEqual([end, rest], ['', []]);
  });

  it('says what was asked for, and on which basis', () => {
    const loinc = { system: 'http://loinc.org', code: '4548-4' };
    const line = csv({
      filter: {
        classes: ['Observation', 'Condition'],
        codes: [loinc],
        from: '2025',
        records: ['d'.repeat(32)],
      },
      prescription: 'f'.repeat(32),
    });
    assert.match(
      line,
      /classes: Observation Condition; codes: http:\/\/loinc\.org\|4548-4; records: d{32}; from: 2025/,
    );
    assert.match(line, /prescription f{32}/);
    assert.match(csv({ inspection: true }), /inspection by the custodian/);
    assert.match(csv({}), /,law,/);
  });

  it('cites the laws that let it pass, and gives the reason for which the glass was broken', () => {
    const citation = '45 CFR 164.512(b)(1)(i)';
    const duty = {
      pack: 'us-hipaa',
      version: 1,
      rule: 'public-health',
      citation,
      effect: 'duty',
      certain: true,
    };
    const refusal = { ...duty, citation: 'another', effect: 'prohibit' };
    const policies = [duty, duty, refusal] as NonNullable<LogEntry['policies']>;
    assert.match(csv({ policies }), /,law: 45 CFR 164\.512\(b\)\(1\)\(i\),/);
    const emergency = { reason: 'unconscious' };
    assert.match(csv({ emergency }), /,emergency: unconscious,/);
    const event = auditEvent(entry({ policies: [duty as never], emergency }));
    assert.deepEqual(event.agent[2]!.policy, ['urn:vitaledger:policy:us-hipaa:1:public-health']);
    assert.match(event.outcomeDesc ?? '', /unconscious/);
  });

  it('names the study that it was for, as 45 CFR 164.528(b)(4) asks of research', () => {
    const research = { purpose: 'HRESCH', study: 'VS-0f3a91c2b7d84e65' };
    const us = disclosureReport([entry(research)], 'us-45cfr164.528', AT);
    assert.match(disclosureCsv(us), /,HRESCH,VS-0f3a91c2b7d84e65,content,/);
    const { entity = [] } = auditEvent(entry(research));
    assert.deepEqual(entity.at(-1)?.what?.identifier, {
      system: 'urn:vitaledger:study',
      value: research.study,
    });
  });

  it('quotes what needs it, and lets no spreadsheet run anything', () => {
    const code = { system: 'urn:x', code: 'a,"b"' };
    assert.match(csv({ filter: { codes: [code] } }), /,"codes: urn:x\|a,""b""",/);
    const line = csv({ actor: { mspId: 'X', subject: '=cmd()', role: 'practitioner' } });
    assert.match(line, /,'=cmd\(\),/);
  });
});
