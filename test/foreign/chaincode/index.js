'use strict';
const { Contract } = require('fabric-contract-api');

/** Crates and where they are; prices are private to an organization. */
class CrateTracker extends Contract {
  constructor() {
    super('CrateTracker');
  }

  async Create(ctx, id, place) {
    const known = await ctx.stub.getState(id);
    if (known.length > 0) throw new Error(`the crate ${id} exists already`);
    await ctx.stub.putState(id, Buffer.from(JSON.stringify({ id, place })));
    ctx.stub.setEvent('Created', Buffer.from(id));
  }

  async Move(ctx, id, place) {
    const crate = JSON.parse(await this.Read(ctx, id));
    const from = crate.place;
    crate.place = place;
    await ctx.stub.putState(id, Buffer.from(JSON.stringify(crate)));
    ctx.stub.setEvent('Moved', Buffer.from(id));
    return from;
  }

  async Read(ctx, id) {
    const crate = await ctx.stub.getState(id);
    if (crate.length === 0) throw new Error(`the crate ${id} does not exist`);
    return crate.toString();
  }

  async List(ctx) {
    const crates = [];
    for await (const { value } of ctx.stub.getStateByRange('', ''))
      crates.push(JSON.parse(Buffer.from(value).toString()));
    return JSON.stringify(crates);
  }

  async SetPrice(ctx, id) {
    const price = ctx.stub.getTransient().get('price');
    if (!price) throw new Error('the price is missing');
    await ctx.stub.putPrivateData(`_implicit_org_${ctx.clientIdentity.getMSPID()}`, id, price);
  }

  async Price(ctx, id) {
    const price = await ctx.stub.getPrivateData(`_implicit_org_${ctx.clientIdentity.getMSPID()}`, id);
    return Buffer.from(price).toString();
  }
}

module.exports.contracts = [CrateTracker];
