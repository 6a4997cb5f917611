#!/usr/bin/env node
// The network command by itself, without the SDK's: `node network/bin/network.js up`.
const { networkCommand } = require('../dist/index.js');

networkCommand().name('vitaledger network').parseAsync();
