import { canonicalJson, digestOf, FIRST_SENSITIVITY_MAP, type ConsortiumDocument } from '@vitaledger/domain';
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
  await publishFirstMap(first);
  const digest = digestOf(document);
  const proposal = await answerUnlessMissing(() => first.evaluate('proposal', digest));
  if (proposal === undefined) await proposeWhenPublished(first, document);
  for (const administrator of administrators) {
    if ((await answerUnlessMissing(() => first.evaluate('document'))) !== undefined) return true;
    if (!(await hasVoted(administrator.mspId, first, digest))) await administrator.submit('vote', digest);
  }
  return true;
}

/** The founding document names the map, so it must be there first. */
async function publishFirstMap(administrator: Administrator): Promise<void> {
  const digest = digestOf(FIRST_SENSITIVITY_MAP);
  if ((await answerUnlessMissing(() => administrator.evaluate('map', digest))) !== undefined) return;
  await administrator.submit('publishMap', canonicalJson(FIRST_SENSITIVITY_MAP));
}

/** The map was committed a moment ago, and the other endorsers' peers may not have it yet. */
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
