import { expect, test } from 'vitest';
import { merged, type Said } from '../../src/comments/thread';

const said = (id: string) => ({ id, state: 'said' }) as Said;

test('a page below repeats nothing that is shown', () => {
  expect(merged([said('c'), said('b')], [said('b'), said('a')]).map((one) => one.id)).toEqual([
    'c',
    'b',
    'a',
  ]);
});
