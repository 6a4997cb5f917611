import assert from 'node:assert/strict';
import type { Gateway } from '@hyperledger/fabric-gateway';
import { channelEvents, type LedgerEvent } from './channel-events.js';

interface Asked {
  readonly peer: string;
  readonly checkpoint: { getBlockNumber(): bigint; getTransactionId(): string | undefined } | undefined;
}

/** What a peer does with one stream: gives these events, then ends it, breaks it or keeps it open. */
interface Stream {
  readonly blocks: readonly number[];
  readonly then: 'end' | 'break' | 'refuse' | 'stay';
}

const place = { channel: 'care', chaincode: 'care', peers: ['one', 'two'] };
const policy = { attempts: 2, firstDelay: 1, longestDelay: 2 };

/** Peers that play these streams, one after the other, whichever is asked. */
class PlayingPeers {
  readonly mspId = 'HospitalMSP';
  readonly certificate = 'certificate';
  readonly asked: Asked[] = [];
  closed = 0;

  constructor(readonly streams: Stream[]) {}

  gateway(peer: string): Gateway {
    const getChaincodeEvents = (_: string, { checkpoint }: { checkpoint?: Asked['checkpoint'] }) => {
      this.asked.push({ peer, checkpoint });
      return Promise.resolve(this.#play(this.streams.shift() ?? { blocks: [], then: 'stay' }));
    };
    return { getNetwork: () => ({ getChaincodeEvents }) } as unknown as Gateway;
  }

  #play({ blocks, then }: Stream) {
    let end: () => void = () => undefined;
    const closing = new Promise<void>((resolve) => (end = resolve));
    async function* events() {
      for (const block of blocks) {
        const blockNumber = await Promise.resolve(BigInt(block));
        yield { blockNumber, transactionId: `tx-${block}`, eventName: 'notice', payload: Buffer.from('t') };
      }
      if (then === 'break') throw Object.assign(new Error('14 UNAVAILABLE'), { code: 14 });
      if (then === 'refuse') throw Object.assign(new Error('7 PERMISSION_DENIED'), { code: 7 });
      if (then === 'stay') {
        await closing;
        throw Object.assign(new Error('1 CANCELLED'), { code: 1 });
      }
    }
    const close = (): void => {
      this.closed += 1;
      end();
    };
    return Object.assign(events(), { close });
  }
}

describe('channelEvents', () => {
  it('goes on at another peer behind the last event, whether a stream ended or broke', async () => {
    const peers = new PlayingPeers([
      { blocks: [3, 4], then: 'break' },
      { blocks: [], then: 'end' },
      { blocks: [5], then: 'stay' },
    ]);
    const aborter = new AbortController();
    const seen: bigint[] = [];
    for await (const { block } of channelEvents(peers, place, policy, { signal: aborter.signal })) {
      seen.push(block);
      if (block === 5n) aborter.abort();
    }
    assert.deepEqual(seen, [3n, 4n, 5n]);
    assert.deepEqual(
      peers.asked.map(({ peer, checkpoint }) => [
        peer,
        checkpoint?.getBlockNumber(),
        checkpoint?.getTransactionId(),
      ]),
      [
        ['one', undefined, undefined],
        ['two', 4n, 'tx-4'],
        ['one', 4n, 'tx-4'],
      ],
    );
  });

  it('begins where it is told', async () => {
    const peers = new PlayingPeers([{ blocks: [8], then: 'stay' }]);
    const events = channelEvents(peers, place, policy, { after: { block: 7n } });
    const { value } = (await events.next()) as { value: LedgerEvent };
    assert.equal(value.transactionId, 'tx-8');
    assert.deepEqual(
      peers.asked.map(({ checkpoint }) => [checkpoint?.getBlockNumber(), checkpoint?.getTransactionId()]),
      [[7n, undefined]],
    );
    await events.return(undefined);
    assert.ok(peers.closed > 0, 'the stream is given back');
  });

  it('ends when the signal aborts, at once and before it began', async () => {
    const aborter = new AbortController();
    const events = channelEvents(new PlayingPeers([]), place, policy, { signal: aborter.signal });
    const next = events.next();
    setTimeout(() => {
      aborter.abort();
    }, 5);
    assert.deepEqual(await next, { done: true, value: undefined });
    const late = channelEvents(new PlayingPeers([]), place, policy, { signal: aborter.signal });
    assert.equal((await late.next()).done, true);
  });

  it('throws what waiting does not help', async () => {
    const peers = new PlayingPeers([{ blocks: [], then: 'refuse' }]);
    await assert.rejects(channelEvents(peers, place, policy).next(), { name: 'VitaledgerError' });
    assert.equal(peers.asked.length, 1);
  });
});
