/** Laboratory orders and referrals: handed over, accepted, resulted, acknowledged. */
export * from './order.js';
export * from './secrets.js';
