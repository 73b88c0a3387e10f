import { expect, test } from 'vitest';
import { sourceFrom } from '../../src/feed/source';

test.each([
  ['a link from elsewhere', null, 'link'],
  ['a profile', '/@ben', 'profile'],
  ['the numbers of one of our own videos', `/videos/${'0'.repeat(36)}/stats`, 'profile'],
  ['a notification', '/notifications', 'link'],
  ['a hashtag', '/hashtags/harbour', 'suggested'],
])('%s', (_, from, source) => {
  const sourceOf = sourceFrom(from, 'v');
  expect([sourceOf('v'), sourceOf('w')]).toEqual([source, 'profile']);
});
