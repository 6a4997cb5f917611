import {
  canonicalJson,
  digestOf,
  FIRST_SENSITIVITY_MAP,
  POLICY_PACKS,
  type ConsortiumDocument,
} from '@vitaledger/domain';
import { setTimeout as sleep } from 'node:timers/promises';
import { ContractRefusal, type Administrator } from './administrator.js';

const PROPOSE_ATTEMPTS = 50;
const PROPOSE_PAUSE_MS = 200;

/**
 * Founds the consortium of a channel: one administrator proposes the document, the others vote until it is adopted. What
 * an interrupted founding left is taken up; an adopted document, whatever it says, is left alone.
 *
 * @returns false when there was one already.
 */
export async function foundConsortium(
  administrators: readonly Administrator[],
  document: ConsortiumDocument,
): Promise<boolean> {
  const [first] = administrators;
  if (!first) throw new RangeError('a consortium needs an administrator');
  if ((await answerUnlessMissing(() => first.evaluate('document'))) !== undefined) return false;
  // The founding document names them, so they must be there first.
  await publishOnce(first, 'Map', FIRST_SENSITIVITY_MAP);
  for (const { digest: named } of document.packs) {
    const pack = POLICY_PACKS.find((one) => digestOf(one) === named);
    if (pack) await publishOnce(first, 'Pack', pack);
  }
  const digest = digestOf(document);
  const proposal = await answerUnlessMissing(() => first.evaluate('proposal', digest));
  if (proposal === undefined) await proposeWhenPublished(first, document);
  for (const administrator of administrators) {
    if ((await answerUnlessMissing(() => first.evaluate('document'))) !== undefined) return true;
    if (!(await hasVoted(administrator.mspId, first, digest))) await administrator.submit('vote', digest);
  }
  return true;
}

async function publishOnce(administrator: Administrator, what: 'Map' | 'Pack', data: object): Promise<void> {
  const digest = digestOf(data);
  if ((await answerUnlessMissing(() => administrator.evaluate(what.toLowerCase(), digest))) !== undefined)
    return;
  await administrator.submit(`publish${what}`, canonicalJson(data));
}

/** What it names was committed a moment ago, and the other endorsers' peers may not have it yet. */
async function proposeWhenPublished(
  administrator: Administrator,
  document: ConsortiumDocument,
): Promise<void> {
  const text = canonicalJson(document);
  for (let attempt = 1; attempt < PROPOSE_ATTEMPTS; attempt += 1) {
    if ((await answerUnlessMissing(() => administrator.submit('propose', text))) !== undefined) return;
    await sleep(PROPOSE_PAUSE_MS);
  }
  await administrator.submit('propose', text);
}

async function hasVoted(mspId: string, reader: Administrator, digest: string): Promise<boolean> {
  const text = await answerUnlessMissing(() => reader.evaluate('proposal', digest));
  const { votes = {} } = JSON.parse(text ?? '{}') as { votes?: Record<string, true> };
  return Object.hasOwn(votes, mspId);
}

async function answerUnlessMissing(ask: () => Promise<string>): Promise<string | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ContractRefusal && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
