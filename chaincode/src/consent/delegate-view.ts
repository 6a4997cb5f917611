import {
  includesSensitivity,
  parseJson,
  splitJws,
  statementDigest,
  SYSTEMS,
  type ActiveConsent,
  type ActiveDelegation,
  type ActiveProhibition,
  type ConsentProvision,
  type HiddenStatement,
  type PatientHead,
  type PatientKeyEntry,
  type Statement,
  type StoredStatement,
} from '@vitaledger/domain';

/** What `list` answers. */
export interface HeldView extends Pick<
  PatientHead,
  'consents' | 'prohibitions' | 'delegations' | 'merged' | 'careTeams' | 'sequence' | 'previous'
> {
  readonly keys: readonly PatientKeyEntry[];
}

/**
 * What is in force for a patient; for a delegate, without what the patient consented to alone (the adolescent's own services): consents and
 * prohibitions that others signed and that name a sensitivity hidden from the delegate.
 */
export function heldView(head: PatientHead, reader: ActiveDelegation | undefined): HeldView {
  const { keys, consents, prohibitions = [], delegations = [], merged, careTeams, sequence, previous } = head;
  const isShown = (entry: ActiveConsent | ActiveProhibition): boolean => !isHidden(entry, reader);
  return {
    keys,
    consents: consents.filter(isShown),
    prohibitions: prohibitions.filter(isShown),
    delegations,
    ...(merged ? { merged } : {}),
    // A team's name tells of what somebody is treated for.
    ...(careTeams && !reader?.hidden ? { careTeams } : {}),
    sequence,
    previous,
  };
}

/** One entry of the history, as a reader may see it. */
export function historyView(
  entry: StoredStatement,
  reader: ActiveDelegation | undefined,
): StoredStatement | HiddenStatement {
  if (entry.jws === undefined || !isHidden(entry, reader)) return entry;
  return { hidden: true, digest: statementDigest(entry.jws) };
}

/** The ids of all consents and prohibitions ever signed for a patient that stay hidden from the reader. */
export async function hiddenConsents(
  history: AsyncIterable<{ readonly value: StoredStatement }>,
  reader: ActiveDelegation,
): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for await (const { value } of history) {
    if (value.jws === undefined || !isHidden(value, reader)) continue;
    const { body } = payloadOf(value.jws);
    if ('consent' in body) ids.add(body.consent);
    if ('prohibition' in body) ids.add(body.prohibition);
  }
  return ids;
}

interface Signed {
  readonly jws?: string;
  readonly by?: { readonly delegation: string };
}

/** Whether somebody else signed it and it names what is hidden from the reader. */
function isHidden({ jws, by }: Signed, reader: ActiveDelegation | undefined): boolean {
  const hidden = reader?.hidden ?? [];
  if (jws === undefined || hidden.length === 0 || by?.delegation === reader?.delegation) return false;
  const { body } = payloadOf(jws);
  return 'provision' in body && body.provision !== undefined && names(body.provision, hidden);
}

/** What was signed; it was verified when it was accepted. */
function payloadOf(jws: string): Statement {
  return parseJson(splitJws(jws).payload, 'statement') as Statement;
}

function names({ securityLabel = [], provision = [] }: ConsentProvision, hidden: readonly string[]): boolean {
  return (
    securityLabel.some(
      ({ system, code = '' }) =>
        system === SYSTEMS.sensitivity && hidden.some((label) => includesSensitivity(label, code)),
    ) || provision.some((nested) => names(nested, hidden))
  );
}
