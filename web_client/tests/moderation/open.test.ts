import { expect, test } from 'vitest';
import { closeClipMenu, menu, openClipMenu, thankFor } from '../../src/moderation/open';

test('thanks for a report take the place of its form', () => {
  menu.value = { videoId: 'v', part: 'report' };
  thankFor('v');
  expect(menu.value).toEqual({ videoId: 'v', part: 'thanks' });
});

test('a late answer to a report opens no menu, and changes none of another video', () => {
  closeClipMenu();
  thankFor('v');
  expect(menu.value).toBeNull();
  openClipMenu('w');
  thankFor('v');
  expect(menu.value).toEqual({ videoId: 'w', part: 'acts' });
});
