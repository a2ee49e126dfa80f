import { networkOf, originOf, trusting } from './origin.js';

describe('the origin by which limits count', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:4711', '203.0.113.7'],
    [' 203.0.113.7 ', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:CB00:7107', '203.0.113.7'],
    ['[::ffff:203.0.113.7]:4711', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8:0:0:1::1', '2001:db8:0:0::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['[2001:db8::1]', '2001:db8:0:0::/64'],
    ['[2001:db8::1]:443', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
    ['', 'unreadable'],
    ['unknown', 'unreadable'],
    ['_hidden', 'unreadable'],
    ['203.0.113.7.evil.example', 'unreadable'],
    ['[203.0.113', 'unreadable'],
  ])('of %j is %j', (said, origin) => {
    expect(originOf(said)).toBe(origin);
  });

  it.each([
    ['203.0.113.7', '203.0.113.0/24'],
    ['2001:db8:1:2::/64', '2001:db8:1::/48'],
    ['unreadable', 'unreadable'],
  ])('%s is logged as %s', (origin, network) => {
    expect(networkOf(origin)).toBe(network);
  });
});

describe('a trusted proxy', () => {
  it.each([
    [
      ['10.0.0.0/8'],
      ['10.1.2.3', '10.1.2.3:8080', '::ffff:10.1.2.3', '[::ffff:10.1.2.3]:80'],
      ['11.1.2.3', '::1', 'unknown', ''],
    ],
    [['192.0.2.1'], ['192.0.2.1', '192.0.2.1:1'], ['192.0.2.2']],
    [['::ffff:192.0.2.0/120'], ['192.0.2.77'], ['192.0.3.77']],
    [
      ['2001:db8::/32', '::1'],
      ['[2001:db8:ffff::1]:443', '2001:db8::', '::1'],
      ['2001:db9::1', '127.0.0.1'],
    ],
    [['loopback'], ['127.8.8.8', '::1'], ['10.0.0.1']],
    [['linklocal', 'uniquelocal'], ['169.254.1.1', 'fe80::1%eth0', '172.31.0.1', 'fd00::1'], ['172.32.0.1']],
    [[], [], ['127.0.0.1', '::1']],
  ])('of %j is recognised in each spelling of its address', (networks, trusted, others) => {
    const isTrusted = trusting(networks);
    expect([trusted.filter((address) => !isTrusted(address)), others.filter(isTrusted)]).toEqual([[], []]);
  });
});
