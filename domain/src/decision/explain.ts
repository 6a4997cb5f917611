import { decide, decideRecord } from './decide.js';
import type {
  ClassDecision,
  ConsentTerms,
  Decision,
  DecisionInput,
  DecisionRequest,
  RecordDecision,
  RecordFacets,
} from './decision.js';
import { OTHER_CLASSES } from './situation.js';
import { validateConsent } from './provision.js';

/** What is in force now, and what the patient thinks of granting. */
export interface WhatIf extends Omit<DecisionInput, 'request'> {
  /** To be granted. One with the id of a consent in force takes its place. */
  readonly planned?: readonly ConsentTerms[];
  /** Ids of consents or prohibitions to be revoked. */
  readonly revoked?: readonly string[];
  /** What somebody could ask. */
  readonly questions: readonly DecisionRequest[];
  /** Records that the patient wants to know about; they may be made up. */
  readonly records?: readonly RecordFacets[];
}

/** What a plan would change for one question. */
export interface Explanation {
  readonly request: DecisionRequest;
  readonly before: Decision;
  readonly after: Decision;
  /** Classes whose answer would be another. */
  readonly changes: readonly ClassChange[];
  readonly records: readonly RecordChange[];
}

export interface ClassChange {
  readonly class: string;
  readonly before: ClassDecision['outcome'];
  readonly after: ClassDecision['outcome'];
}

export interface RecordChange {
  readonly record: string;
  readonly before: RecordDecision;
  readonly after: RecordDecision;
}

/**
 * What would change for whom, before anything is granted or revoked: the decision itself, over what is in force and over what is planned. Pure:
 * it runs on the patient's device and asks nobody.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path, beginning at `planned`, for a plan that would be refused.
 */
export function explain(whatIf: WhatIf): readonly Explanation[] {
  const { planned = [], revoked = [], questions, records = [], ...now } = whatIf;
  planned.forEach((terms, index) => {
    validateConsent(terms, `planned[${index}]`);
  });
  const isKept = (id: string): boolean => !revoked.includes(id);
  const taken = planned.map(({ consent }) => consent);
  const then = {
    ...now,
    consents: [
      ...now.consents.filter(({ consent }) => isKept(consent) && !taken.includes(consent)),
      ...planned,
    ],
    prohibitions: (now.prohibitions ?? []).filter(({ prohibition }) => isKept(prohibition)),
  };
  return questions.map((request) => {
    const [before, after] = [decide({ ...now, request }), decide({ ...then, request })];
    return {
      request,
      before,
      after,
      changes: changedClasses(before, after),
      records: records.map((record) => ({
        record: record.id,
        before: decideRecord({ ...now, request }, record),
        after: decideRecord({ ...then, request }, record),
      })),
    };
  });
}

function changedClasses(before: Decision, after: Decision): readonly ClassChange[] {
  const names = [...new Set([...Object.keys(before.classes), ...Object.keys(after.classes)])].sort();
  return names
    .map((name) => ({ class: name, before: outcomeOf(before, name), after: outcomeOf(after, name) }))
    .filter((change) => change.before !== change.after);
}

/** A class that no rule names is answered as all others are. */
function outcomeOf({ classes }: Decision, name: string): ClassDecision['outcome'] {
  return (classes[name] ?? classes[OTHER_CLASSES])?.outcome ?? 'deny';
}
