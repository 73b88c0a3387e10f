/** Which way a view goes: one of the two, never both. */
import { expect, test } from 'vitest';
import type { View } from '../../src/api/types';
import { report } from '../../src/plays/report';

const view: View = {
  video_id: 'one',
  watched_ms: 2_500,
  completed: false,
  replays: 0,
  source: 'following',
};

test.each([
  ['a page that is seen, by the open socket', false, true, 'socket'],
  ['a page that is seen, without a socket', false, false, 'http'],
  ['a page that is hidden, whatever is open', true, true, 'http'],
])('%s', (_, hidden, open, way) => {
  const went: string[] = [];
  report(view, hidden, {
    socket: (views) => {
      expect(views).toEqual([view]);
      if (open) went.push('socket');
      return open;
    },
    http: (one) => {
      expect(one).toEqual(view);
      went.push('http');
    },
  });
  expect(went).toEqual([way]);
});
