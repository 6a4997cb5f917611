'use strict';
const { Contract } = require('fabric-contract-api');

/** One get and one put per create, one get per read. */
class MinimalContract extends Contract {
  constructor() {
    super('minimal');
  }

  async create(ctx, key, value) {
    const existing = await ctx.stub.getState(key);
    if (existing.length > 0) throw new Error('the key exists');
    await ctx.stub.putState(key, Buffer.from(value));
  }

  async read(ctx, key) {
    return (await ctx.stub.getState(key)).toString();
  }
}

module.exports.contracts = [MinimalContract];
