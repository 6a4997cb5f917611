import { common, peer } from '@hyperledger/fabric-protos';
import { channels } from '../network.js';
import type { Prepared, Session } from '../session.js';
import type { CaseGroup, ConformanceCase } from './case.js';

const row = '5.6';
const own = { organizations: ['Org1MSP'] };
const batched = { channel: channels.batch, chaincode: 'batched' } as const;

/** A prepared transaction with its parts opened, changed and closed again. */
interface Parts {
  payload: common.Payload;
  channel: common.ChannelHeader;
  signature: common.SignatureHeader;
  transaction: peer.Transaction;
  action: peer.TransactionAction;
  actionPayload: peer.ChaincodeActionPayload;
  endorsed: peer.ChaincodeEndorsedAction;
}

function tampered(prepared: Prepared, change: (parts: Parts) => void): Prepared {
  const payload = common.Payload.deserializeBinary(prepared.envelope.getPayload_asU8());
  const header = payload.getHeader()!;
  const transaction = peer.Transaction.deserializeBinary(payload.getData_asU8());
  const [action] = transaction.getActionsList();
  const actionPayload = peer.ChaincodeActionPayload.deserializeBinary(action!.getPayload_asU8());
  const parts: Parts = {
    payload,
    channel: common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8()),
    signature: common.SignatureHeader.deserializeBinary(header.getSignatureHeader_asU8()),
    transaction,
    action: action!,
    actionPayload,
    endorsed: actionPayload.getAction()!,
  };
  change(parts);
  parts.actionPayload.setAction(parts.endorsed);
  parts.action.setPayload(parts.actionPayload.serializeBinary());
  if (parts.transaction.getActionsList().length === 1) parts.transaction.setActionsList([parts.action]);
  header.setChannelHeader(parts.channel.serializeBinary());
  header.setSignatureHeader(parts.signature.serializeBinary());
  payload.setHeader(header);
  if (payload.getData_asU8().length > 0) payload.setData(parts.transaction.serializeBinary());
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  return { ...prepared, envelope };
}

/** Submits a tampered transaction and tells its code, from the block that it came into. */
async function submitTampered(s: Session, note: string, change: (parts: Parts) => void): Promise<void> {
  const prepared = await s.endorse({ run: [['put', 'va-tampered', note]] }, own);
  await s.submit(tampered(prepared!, change), { note });
  await s.deliver({ content: 'filtered', start: 1, stop: 1 });
}

/** Replaces the read-write set that the endorsers signed. */
function changeAction(parts: Parts, change: (action: peer.ChaincodeAction) => void): void {
  const payload = peer.ProposalResponsePayload.deserializeBinary(
    parts.endorsed.getProposalResponsePayload_asU8(),
  );
  const action = peer.ChaincodeAction.deserializeBinary(payload.getExtension_asU8());
  change(action);
  payload.setExtension$(action.serializeBinary());
  parts.endorsed.setProposalResponsePayload(payload.serializeBinary());
}

const garbage = Buffer.from('ffffffff', 'hex');

const tamperings: Readonly<Record<string, (parts: Parts) => void>> = {
  'no endorsements': ({ endorsed }) => {
    endorsed.setEndorsementsList([]);
  },
  'an endorsement twice': ({ endorsed }) => {
    endorsed.setEndorsementsList([...endorsed.getEndorsementsList(), ...endorsed.getEndorsementsList()]);
  },
  'a forged endorsement': ({ endorsed }) => {
    for (const endorsement of endorsed.getEndorsementsList())
      endorsement.setSignature(Buffer.from('garbage'));
  },
  'another result than the endorsed': (parts) => {
    changeAction(parts, (action) => {
      action.setResults(new Uint8Array());
    });
  },
  'a result that is garbage': (parts) => {
    changeAction(parts, (action) => {
      action.setResults(garbage);
    });
  },
  'an event of another chaincode': (parts) => {
    changeAction(parts, (action) => {
      const event = new peer.ChaincodeEvent();
      event.setChaincodeId('probes');
      event.setEventName('forged');
      action.setEvents(event.serializeBinary());
    });
  },
  'no chaincode id in the action': (parts) => {
    changeAction(parts, (action) => {
      action.clearChaincodeId();
    });
  },
  'another chaincode in the action': (parts) => {
    changeAction(parts, (action) => {
      action.getChaincodeId()?.setName('probes');
    });
  },
  'another chaincode version in the action': (parts) => {
    changeAction(parts, (action) => {
      action.getChaincodeId()?.setVersion('9.9');
    });
  },
  'a proposal response payload that is garbage': ({ endorsed }) => {
    endorsed.setProposalResponsePayload(garbage);
  },
  'another proposal': ({ actionPayload }) => {
    const proposal = new peer.ChaincodeProposalPayload();
    proposal.setInput(Buffer.from('other'));
    actionPayload.setChaincodeProposalPayload(proposal.serializeBinary());
  },
  'two actions': ({ transaction, action }) => {
    transaction.setActionsList([action, action]);
  },
  'no actions': ({ transaction }) => {
    transaction.setActionsList([]);
  },
  'another creator in the action': ({ action }) => {
    action.setHeader(new Uint8Array());
  },
  'no data': ({ payload }) => {
    payload.setData(new Uint8Array());
  },
  'another transaction id': ({ channel }) => {
    channel.setTxId('00'.repeat(32));
  },
  'no transaction id': ({ channel }) => {
    channel.setTxId('');
  },
  'no nonce': ({ signature }) => {
    signature.setNonce('');
  },
  'another nonce': ({ signature }) => {
    signature.setNonce(Buffer.alloc(24, 1));
  },
  'an epoch': ({ channel }) => {
    channel.setEpoch(1);
  },
  'type MESSAGE': ({ channel }) => {
    channel.setType(common.HeaderType.MESSAGE);
  },
  'type 77': ({ channel }) => {
    channel.setType(77);
  },
  'type CONFIG': ({ channel }) => {
    channel.setType(common.HeaderType.CONFIG);
  },
  'no header extension': ({ channel }) => {
    channel.setExtension$(new Uint8Array());
  },
  'another chaincode in the header': ({ channel }) => {
    const extension = new peer.ChaincodeHeaderExtension();
    const id = new peer.ChaincodeID();
    id.setName('probes');
    extension.setChaincodeId(id);
    channel.setExtension$(extension.serializeBinary());
  },
  'a header extension that is garbage': ({ channel }) => {
    channel.setExtension$(garbage);
  },
};

const tamperedCases: readonly ConformanceCase[] = Object.entries(tamperings).map(([note, change]) => ({
  name: `a transaction with ${note}`,
  row,
  run: (s) => submitTampered(s, note, change),
}));

export const validation: CaseGroup = {
  name: 'validation',
  cases: [
    ...tamperedCases,
    {
      name: 'the same transaction twice, in two blocks',
      row,
      run: async (s) => {
        const prepared = await s.endorse({ run: [['put', 'va-twice', '1']] }, own);
        await s.submit(prepared!);
        await s.status(prepared!.txId, channels.main);
        await s.submit(prepared!);
        await s.deliver({ content: 'filtered', start: 2, stop: 2 });
        await s.status(prepared!.txId, channels.main);
      },
    },
    {
      name: 'the same transaction twice in a block',
      row,
      run: async (s) => {
        const prepared = await s.endorse({ ...batched, run: [['put', 'va-double', '1']] }, own);
        await s.submit(prepared!);
        await s.submit(prepared!);
        await s.deliver({ channel: channels.batch, content: 'filtered', start: 1, stop: 1 });
        await s.status(prepared!.txId, channels.batch);
      },
    },
    {
      name: 'an invalid transaction’s id is burnt',
      row,
      run: async (s) => {
        const spec = { chaincode: 'probes', run: [['put', 'va-burnt', '1']] } as const;
        const proposal = await s.build(spec);
        const poor = await s.endorse(spec, own, proposal);
        await s.submit(poor!);
        await s.status(poor!.txId, channels.main);
        await s.endorse(spec, { organizations: ['Org1MSP', 'Org2MSP'] }, proposal);
        await s.submit(poor!);
        await s.deliver({ content: 'filtered', start: 2, stop: 2 });
        await s.status(poor!.txId, channels.main);
      },
    },
    {
      name: 'two that read and write one key, in a block',
      row,
      run: async (s) => {
        await s.transact({ ...batched, run: [['put', 'va-mvcc', '0']] }, own);
        await s.together(
          [
            {
              run: [
                ['get', 'va-mvcc'],
                ['put', 'va-mvcc', '1'],
              ],
            },
            {
              run: [
                ['get', 'va-mvcc'],
                ['put', 'va-mvcc', '2'],
              ],
            },
            { run: [['put', 'va-mvcc', 'blind']] },
            {
              run: [
                ['get', 'va-mvcc'],
                ['put', 'va-other', '3'],
              ],
            },
          ],
          own,
        );
        await s.evaluate({
          ...batched,
          run: [
            ['get', 'va-mvcc'],
            ['get', 'va-other'],
            ['history', 'va-mvcc'],
          ],
        });
        await s.deliver({ channel: channels.batch, start: 2, stop: 2 });
      },
    },
    {
      name: 'a read that a later block overtook',
      row,
      run: async (s) => {
        await s.transact({ run: [['put', 'va-stale', '0']] }, own);
        const stale = await s.endorse(
          {
            run: [
              ['get', 'va-stale'],
              ['put', 'va-stale', '2'],
            ],
          },
          own,
        );
        await s.transact({ run: [['put', 'va-stale', '1']] }, own);
        await s.submit(stale!);
        await s.status(stale!.txId, channels.main);
        await s.evaluate({ run: [['get', 'va-stale']] });
      },
    },
    {
      name: 'a key that did not exist when it was read',
      row,
      run: async (s) => {
        await s.together(
          [
            {
              run: [
                ['get', 'va-new'],
                ['put', 'va-new', '1'],
              ],
            },
            {
              run: [
                ['get', 'va-new'],
                ['put', 'va-new', '2'],
              ],
            },
          ],
          own,
        );
        await s.evaluate({ ...batched, run: [['get', 'va-new']] });
      },
    },
    {
      name: 'deleted and read in a block',
      row,
      run: async (s) => {
        await s.transact({ ...batched, run: [['put', 'va-deleted', '0']] }, own);
        await s.together(
          [
            { run: [['del', 'va-deleted']] },
            {
              run: [
                ['get', 'va-deleted'],
                ['put', 'va-d', '1'],
              ],
            },
          ],
          own,
        );
        await s.evaluate({
          ...batched,
          run: [
            ['get', 'va-deleted'],
            ['history', 'va-deleted'],
          ],
        });
      },
    },
    {
      name: 'phantoms within a block',
      row,
      run: async (s) => {
        await s.transact({ ...batched, run: [['putMany', 'va-ph-', 3]] }, own);
        await s.together(
          [
            { run: [['put', 'va-ph-0001a', 'new']] },
            {
              run: [
                ['range', 'va-ph-', 'va-ph-~'],
                ['put', 'va-counted', '1'],
              ],
            },
            {
              run: [
                ['range', 'va-ph-0002', 'va-ph-~'],
                ['put', 'va-counted-2', '1'],
              ],
            },
          ],
          own,
        );
      },
    },
    {
      name: 'a range whose key was updated or deleted',
      row,
      run: async (s) => {
        await s.transact({ ...batched, run: [['putMany', 'va-pu-', 3]] }, own);
        await s.together(
          [
            {
              run: [
                ['put', 'va-pu-0000', 'changed'],
                ['del', 'va-pu-0002'],
              ],
            },
            {
              run: [
                ['range', 'va-pu-', 'va-pu-0001'],
                ['put', 'va-c1', '1'],
              ],
            },
            {
              run: [
                ['range', 'va-pu-0002', 'va-pu-~'],
                ['put', 'va-c2', '1'],
              ],
            },
            {
              run: [
                ['range', 'va-pu-0001', 'va-pu-0002'],
                ['put', 'va-c3', '1'],
              ],
            },
          ],
          own,
        );
      },
    },
    {
      name: 'a phantom beyond what was read of a range',
      row,
      run: async (s) => {
        await s.transact({ ...batched, run: [['putMany', 'va-pb-', 150]] }, own);
        await s.together(
          [
            { run: [['put', 'va-pb-0149a', 'late']] },
            {
              run: [
                ['range', 'va-pb-', 'va-pb-~', 1],
                ['put', 'va-pb', '1'],
              ],
            },
            {
              run: [
                ['range', 'va-pb-', 'va-pb-~'],
                ['put', 'va-pb2', '1'],
              ],
            },
          ],
          own,
        );
      },
    },
    {
      name: 'a phantom across blocks',
      row,
      run: async (s) => {
        const stale = await s.endorse(
          {
            run: [
              ['range', 'va-pa-', 'va-pa-~'],
              ['put', 'va-pa', '1'],
            ],
          },
          own,
        );
        await s.transact({ run: [['put', 'va-pa-1', 'new']] }, own);
        await s.submit(stale!);
        await s.status(stale!.txId, channels.main);
      },
    },
    {
      name: 'transactions that only read are policy-checked too',
      row: '2',
      run: async (s) => {
        await s.transact({ chaincode: 'probes', run: [['get', 'va-read']] }, own);
        await s.transact({ chaincode: 'probes', run: [['get', 'va-read']] });
        await s.transact({ chaincode: 'probes', run: [] }, own);
      },
    },
    {
      name: 'a called chaincode’s policy counts',
      row: '2',
      run: async (s) => {
        await s.transact({ run: [['call', 'probes', '', ['put', 'va-called', '1']]] }, own);
        await s.transact({ run: [['call', 'probes', '', ['get', 'va-called']]] }, own);
        await s.transact(
          { run: [['call', 'probes', '', ['put', 'va-called', '1']]] },
          { organizations: ['Org1MSP', 'Org2MSP'] },
        );
      },
    },
    {
      name: 'a block is cut when it is full',
      row: '5.5',
      run: async (s) => {
        await s.together(
          ['1', '2', '3', '4', '5'].map((value) => ({ run: [['put', `va-cut-${value}`, value]] })),
          own,
        );
        await s.deliver({ channel: channels.batch, content: 'filtered', start: 1, stop: 2 });
      },
    },
    {
      name: 'a large transaction is cut into a block of its own',
      row: '5.5',
      run: async (s) => {
        await s.together(
          [
            { run: [['put', 'va-small', '1']] },
            { run: [['putMany', 'va-large-', 6, 100_000]] },
            { run: [['put', 'va-small-2', '1']] },
          ],
          own,
        );
        await s.deliver({ channel: channels.batch, content: 'filtered', start: 1, stop: 3 });
      },
    },
    {
      name: 'a transaction that overflows the preferred size cuts what waits',
      row: '5.5',
      run: async (s) => {
        await s.together(
          [{ run: [['putMany', 'va-half-', 3, 100_000]] }, { run: [['putMany', 'va-half2-', 3, 100_000]] }],
          own,
        );
        await s.deliver({ channel: channels.batch, content: 'filtered', start: 1, stop: 2 });
      },
    },
  ],
};
