import {
  VitaledgerError,
  type EndedVersion,
  type InspectionFilter,
  type RecordMetadata,
  type VersionStatus,
} from '@vitaledger/domain';
import { AnswerKey } from '../disclosure/answer-key.js';
import { answer } from '../session/answer.js';
import { newSalt } from '../session/random.js';
import { actorOf, type OperationOptions, type Session } from '../session/session.js';

/** A record as its custodian's registrar or auditor sees it in a list: without the share of its key. */
export type ListedRecord = Omit<RecordMetadata, 'keyShare'> &
  Partial<Pick<EndedVersion, 'ended'>> & { readonly status: VersionStatus };

/** As {@link ListedRecord}; for scope `content` with the share of its key. */
export type InspectedRecord = ListedRecord & Partial<Pick<RecordMetadata, 'keyShare'>>;

export interface InspectionOptions extends OperationOptions {
  /** HL7 v3 PurposeOfUse code: `HOPERAT` unless told, which is a registrar's; auditors name one of theirs (`HCOMPL`). */
  readonly purpose?: string;
  /** Which records; all when absent. */
  readonly filter?: InspectionFilter;
  /** Records per page; the custodian's default when absent. */
  readonly pageSize?: number;
}

/**
 * Looks at records of one's own organization by office: first a request that is logged for the patient, then its pages as
 * they are asked for.
 */
export async function* inspect(
  session: Session,
  patient: string,
  scope: 'metadata' | 'content',
  options: InspectionOptions = {},
): AsyncGenerator<InspectedRecord> {
  const { purpose = 'HOPERAT', filter = {}, pageSize, signal } = options;
  const custodian = session.mspId;
  const key = await AnswerKey.generate();
  const asked = { patient, scope, purpose, filter, encryptionKey: key.publicJwk, salt: newSalt() };
  const request = { function: 'RecordContract:inspect', custodian, input: { ...asked, ...actorOf(session) } };
  const { result } = await session.channel('care').submit(request, { signal });
  const { receipt } = answer(result) as { receipt: string };
  let bookmark = '';
  do {
    const input = {
      receipt,
      ...(pageSize === undefined ? {} : { pageSize }),
      ...(bookmark === '' ? {} : { bookmark }),
      ...actorOf(session),
    };
    const call = { function: 'RecordContract:list', custodian, input };
    const page = answer(
      await session.channel('care').evaluate(call, { signal, needsRecentState: bookmark === '' }),
    ) as { readonly jwe: string; readonly bookmark: string };
    const shown = (await key.open(page.jwe)) as InspectedPage;
    if (shown.receipt !== receipt) {
      throw new VitaledgerError('INTEGRITY', 'The answer belongs to another inspection than the one asked', {
        receipt,
      });
    }
    yield* shown.records;
    bookmark = page.bookmark;
  } while (bookmark !== '');
}

interface InspectedPage {
  readonly receipt: string;
  readonly records: readonly InspectedRecord[];
}
