import { expect, test } from 'vitest';
import type { Video } from '../../src/api/types';
import { MOST_SORTED, ordered, wantsMore } from '../../src/creator/order';

const videos = [1, 3, 2].map((views) => ({ id: String(views), counts: { views } }) as Video);
const ids = (found: readonly Video[]) => found.map(({ id }) => id);

test('by views once all are there; until then as they came', () => {
  const all = { videos: 3, state: 'all' } as const;
  expect(ids(ordered('viewed', videos, all))).toEqual(['3', '2', '1']);
  expect(ids(ordered('viewed', videos, { ...all, state: 'more' }))).toEqual(['1', '3', '2']);
  expect(ids(ordered('newest', videos, all))).toEqual(['1', '3', '2']);
});

test('the order by views asks for page after page, to a limit', () => {
  expect(wantsMore('viewed', { videos: 30, state: 'more' })).toBe(true);
  expect(wantsMore('newest', { videos: 30, state: 'more' })).toBe(false);
  for (const state of ['loading', 'failed', 'all'] as const)
    expect(wantsMore('viewed', { videos: 30, state })).toBe(false);
  const many = { videos: MOST_SORTED, state: 'more' } as const;
  expect(wantsMore('viewed', many)).toBe(false);
  expect(ids(ordered('viewed', videos, many))).toEqual(['3', '2', '1']);
});
