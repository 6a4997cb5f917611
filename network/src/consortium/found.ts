import { canonicalJson, digestOf, type ConsortiumDocument } from '@vitaledger/domain';
import { ContractRefusal, type Administrator } from './administrator.js';

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
  const digest = digestOf(document);
  const proposal = await answerUnlessMissing(() => first.evaluate('proposal', digest));
  if (proposal === undefined) await first.submit('propose', canonicalJson(document));
  for (const administrator of administrators) {
    if ((await answerUnlessMissing(() => first.evaluate('document'))) !== undefined) return true;
    if (!(await hasVoted(administrator.mspId, first, digest))) await administrator.submit('vote', digest);
  }
  return true;
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
