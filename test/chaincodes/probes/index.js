'use strict';
const { randomUUID } = require('node:crypto');
const shim = require('fabric-shim');

/** The rows of an iterator, at most `limit` of them; the iterator is closed. */
async function rows(iterator, limit = Infinity) {
  const list = [];
  for (;;) {
    if (list.length >= limit) break;
    const { value, done } = await iterator.next();
    if (value) list.push([value.key, Buffer.from(value.value).toString()]);
    if (done) break;
  }
  await iterator.close();
  return list;
}

const text = (bytes) => (bytes ? Buffer.from(bytes).toString() : '');
const hex = (bytes) => (bytes ? Buffer.from(bytes).toString('hex') : '');

/** The key-level endorsement policy that demands a peer of each organization; none without organizations. */
function keyPolicy(organizations) {
  if (organizations.length === 0) return Buffer.alloc(0);
  const policy = new shim.KeyEndorsementPolicy();
  policy.addOrgs('PEER', ...organizations);
  return policy.getPolicy();
}

/** What a transaction can ask of its peer, by name; each takes the stub and its arguments as text. */
const operations = {
  put: (stub, key, value) => stub.putState(key, Buffer.from(value)),
  get: async (stub, key) => text(await stub.getState(key)),
  del: (stub, key) => stub.deleteState(key),
  range: async (stub, start, end, limit) => rows(await stub.getStateByRange(start, end), limit),
  page: async (stub, start, end, size, bookmark) => {
    const { iterator, metadata } = await stub.getStateByRangeWithPagination(start, end, size, bookmark);
    return { rows: await rows(iterator), metadata };
  },
  composite: async (stub, type, attributes) =>
    rows(await stub.getStateByPartialCompositeKey(type, attributes)),
  putComposite: (stub, type, attributes, value) =>
    stub.putState(stub.createCompositeKey(type, attributes), Buffer.from(value)),
  query: async (stub, query) => rows(await stub.getQueryResult(query)),
  history: async (stub, key) => {
    const entries = [];
    const iterator = await stub.getHistoryForKey(key);
    for (;;) {
      const { value, done } = await iterator.next();
      if (value) entries.push({ txId: value.txId, value: text(value.value), isDelete: value.isDelete });
      if (done) break;
    }
    await iterator.close();
    return entries;
  },
  setPolicy: (stub, key, ...organizations) => stub.setStateValidationParameter(key, keyPolicy(organizations)),
  getPolicy: async (stub, key) => hex(await stub.getStateValidationParameter(key)),
  putPrivate: (stub, collection, key, value) => stub.putPrivateData(collection, key, Buffer.from(value)),
  getPrivate: async (stub, collection, key) => text(await stub.getPrivateData(collection, key)),
  getPrivateHash: async (stub, collection, key) => hex(await stub.getPrivateDataHash(collection, key)),
  delPrivate: (stub, collection, key) => stub.deletePrivateData(collection, key),
  purgePrivate: (stub, collection, key) => stub.purgePrivateData(collection, key),
  rangePrivate: async (stub, collection, start, end) => {
    const { iterator } = await stub.getPrivateDataByRange(collection, start, end);
    return rows(iterator);
  },
  queryPrivate: async (stub, collection, query) => {
    const { iterator } = await stub.getPrivateDataQueryResult(collection, query);
    return rows(iterator);
  },
  setPrivatePolicy: (stub, collection, key, ...organizations) =>
    stub.setPrivateDataValidationParameter(collection, key, keyPolicy(organizations)),
  getPrivatePolicy: async (stub, collection, key) =>
    hex(await stub.getPrivateDataValidationParameter(collection, key)),
  event: (stub, name, payload) => {
    stub.setEvent(name, Buffer.from(payload));
  },
  call: async (stub, chaincode, channel, ...inner) => {
    const { status, message, payload } = await stub.invokeChaincode(
      chaincode,
      ['run', JSON.stringify(inner)],
      channel,
    );
    return { status, message, payload: text(payload) };
  },
  callRaw: async (stub, chaincode, channel, ...args) => {
    const { status, message } = await stub.invokeChaincode(chaincode, args, channel);
    return { status, message };
  },
  transient: (stub, name) => text(stub.getTransient().get(name)),
  creator: (stub) => stub.getCreator().mspid,
  context: (stub) => ({ txId: stub.getTxID(), channel: stub.getChannelID(), args: stub.getArgs().length }),
  organization: (stub) => stub.getMspID(),
  putOrganization: (stub, key) => stub.putState(key, Buffer.from(stub.getMspID())),
  putRandom: (stub, key) => stub.putState(key, Buffer.from(randomUUID())),
  random: () => randomUUID(),
  putMany: async (stub, prefix, count, size = 1) => {
    for (let index = 0; index < count; index += 1) {
      await stub.putState(`${prefix}${String(index).padStart(4, '0')}`, Buffer.alloc(size, 'x'));
    }
  },
  sleep: (_stub, milliseconds) =>
    new Promise((resolve) => setTimeout(resolve, Math.min(milliseconds, 40_000))),
  failAt: (stub, mspId) => {
    if (stub.getMspID() === mspId) throw new Error(`refused at ${mspId}`);
  },
  exit: () => process.exit(3),
};

/** Runs a list of operations, `[name, ...arguments]` each, and answers their results as a JSON list. */
async function run(stub, list) {
  const results = [];
  for (const [name, ...args] of list) {
    if (name === 'answer') {
      const [status, message, payload] = args;
      return { status, message, payload: Buffer.from(payload ?? '') };
    }
    if (name === 'throw') throw new Error(args[0]);
    // The operation's error is its result, as a contract that carries on after one would see it.
    if (name === 'try') {
      const [inner, ...rest] = args[0];
      results.push(
        await Promise.resolve()
          .then(() => operations[inner](stub, ...rest))
          .catch((error) => ({ error: error.message })),
      );
    } else {
      results.push((await operations[name](stub, ...args)) ?? null);
    }
  }
  return shim.success(Buffer.from(JSON.stringify(results)));
}

class Probes {
  Init() {
    return Promise.resolve(shim.success());
  }

  async Invoke(stub) {
    const [name, list] = stub.getArgs();
    if (name !== 'run') return shim.error(`no function ${String(name)}`);
    try {
      return await run(stub, JSON.parse(list));
    } catch (error) {
      return shim.error(error.message);
    }
  }
}

shim
  .server(new Probes(), {
    ccid: process.env.CHAINCODE_ID,
    address: process.env.CHAINCODE_SERVER_ADDRESS,
  })
  .start();
