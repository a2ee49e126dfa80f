import { poolOptionsOf, problemWithMailRate, readMailRate } from './mail-rate.js';

describe('MAIL_RATE', () => {
  it.each([
    ['100/5', { perSecond: 100, connections: 5 }],
    ['1/1', { perSecond: 1, connections: 1 }],
    ['1000/50', { perSecond: 1000, connections: 50 }],
  ])('%s gives mails per second and connections', (text, rate) => {
    expect([problemWithMailRate(text), readMailRate(text)]).toEqual([null, rate]);
  });

  it.each(['100', '100/', '/5', '0/5', '100/0', '1001/5', '100/51', '10000/5', '1.5/5', '-1/5', '100/5/5', '100 / 5'])(
    '%s is refused with the bounds of both numbers',
    (text) => {
      expect(problemWithMailRate(text)).toBe('must look like 100/5: 1 to 1000 mails per second, 1 to 50 connections');
      expect(() => readMailRate(text)).toThrow('MAIL_RATE must look like 100/5');
    },
  );

  it.each([
    ['100/5', { maxConnections: 5, rateLimit: 5, rateDelta: 50 }],
    ['1000/50', { maxConnections: 50, rateLimit: 50, rateDelta: 50 }],
    ['7/3', { maxConnections: 3, rateLimit: 3, rateDelta: 429 }],
    ['2/5', { maxConnections: 2, rateLimit: 2, rateDelta: 1000 }],
  ])('%s lets each connection send one mail in each window', (text, options) => {
    expect(poolOptionsOf(readMailRate(text))).toEqual(options);
  });
});
