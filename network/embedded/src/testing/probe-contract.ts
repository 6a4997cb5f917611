import { Contract, type Context } from 'fabric-contract-api';
import { KeyEndorsementPolicy } from 'fabric-shim';

/**
 * A contract that asks for everything that a chaincode can ask of a peer; tests run it in processes of its own, one per
 * organization, as Fabric does.
 */
class ProbeContract extends Contract {
  constructor() {
    super('probe');
  }

  async put(context: Context, key: string, value: string): Promise<string> {
    await context.stub.putState(key, Buffer.from(value));
    return value;
  }

  async get(context: Context, key: string): Promise<string> {
    return Buffer.from(await context.stub.getState(key)).toString('utf8');
  }

  async remove(context: Context, key: string): Promise<void> {
    await context.stub.deleteState(key);
  }

  async increment(context: Context, key: string): Promise<string> {
    const before = Number(Buffer.from(await context.stub.getState(key)).toString('utf8'));
    await context.stub.putState(key, Buffer.from(String(before + 1)));
    return String(before + 1);
  }

  async putMany(context: Context, prefix: string, count: string): Promise<void> {
    for (let index = 0; index < Number(count); index += 1) {
      await context.stub.putState(`${prefix}${String(index).padStart(4, '0')}`, Buffer.from(String(index)));
    }
  }

  async range(context: Context, start: string, end: string): Promise<string> {
    const keys: string[] = [];
    for await (const { key } of context.stub.getStateByRange(start, end)) {
      keys.push(key);
    }
    return keys.join(',');
  }

  async page(context: Context, start: string, end: string, size: string, bookmark: string): Promise<string> {
    const keys: string[] = [];
    const results = context.stub.getStateByRangeWithPagination(start, end, Number(size), bookmark);
    for await (const { key } of results) {
      keys.push(key);
    }
    return `${keys.join(',')};${(await results).metadata.bookmark}`;
  }

  async history(context: Context, key: string): Promise<string> {
    const entries: string[] = [];
    for await (const { value, isDelete } of context.stub.getHistoryForKey(key)) {
      entries.push(isDelete ? 'deleted' : Buffer.from(value).toString('utf8'));
    }
    return entries.join(',');
  }

  async richQuery(context: Context): Promise<void> {
    await context.stub.getQueryResult('{"selector":{}}');
  }

  async putPrivate(context: Context, collection: string, key: string): Promise<void> {
    const value = context.stub.getTransient().get('value');
    await context.stub.putPrivateData(collection, key, value ?? Buffer.from('no transient data'));
  }

  async getPrivate(context: Context, collection: string, key: string): Promise<string> {
    return Buffer.from(await context.stub.getPrivateData(collection, key)).toString('utf8');
  }

  async getPrivateHash(context: Context, collection: string, key: string): Promise<string> {
    return Buffer.from(await context.stub.getPrivateDataHash(collection, key)).toString('hex');
  }

  async protect(context: Context, key: string, mspIds: string): Promise<void> {
    const policy = new KeyEndorsementPolicy();
    policy.addOrgs('PEER', ...mspIds.split(','));
    await context.stub.setStateValidationParameter(key, policy.getPolicy());
  }

  async call(context: Context, chaincode: string, channel: string, args: string): Promise<string> {
    const response = await context.stub.invokeChaincode(chaincode, args.split(','), channel);
    const payload = Buffer.from(response.payload ?? []).toString('utf8');
    return `${response.status}:${payload}${response.message}`;
  }

  async announce(context: Context, name: string, payload: string): Promise<void> {
    context.stub.setEvent(name, Buffer.from(payload));
    await context.stub.putState(`event-${name}`, Buffer.from(payload));
  }

  async announceAndCall(context: Context, name: string, chaincode: string): Promise<void> {
    context.stub.setEvent(name, Buffer.from('outer'));
    await context.stub.putState(`event-${name}`, Buffer.from('outer'));
    await context.stub.invokeChaincode(chaincode, ['announce', 'inner', 'inner'], '');
  }

  async fail(context: Context, text: string): Promise<void> {
    await context.stub.putState('never', Buffer.from('never'));
    throw new Error(text);
  }

  /** Answers what only this process knows: endorsers differ. */
  async differ(context: Context): Promise<string> {
    await context.stub.putState('pid', Buffer.from(String(process.pid)));
    return 'differs';
  }

  async sleep(_context: Context, milliseconds: string): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, Number(milliseconds)));
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a contract's functions are asynchronous
  async exit(): Promise<void> {
    process.exit(3);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a contract's functions are asynchronous
  async attribute(context: Context, name: string): Promise<string> {
    return context.clientIdentity.getAttributeValue(name) ?? '';
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a contract's functions are asynchronous
  async whoami(context: Context): Promise<string> {
    return `${context.clientIdentity.getMSPID()} ${context.stub.getMspID()} ${context.stub.getChannelID()}`;
  }
}

export const contracts = [ProbeContract];
