import { expect, test } from 'vitest';
import { canonical, routeOf, showsVideos } from '../../src/app/routes';

test('every page has its path', () => {
  expect(routeOf('/')).toEqual({ page: 'following' });
  expect(routeOf('/for-you')).toEqual({ page: 'for-you' });
  expect(routeOf('/welcome')).toEqual({ page: 'welcome' });
  expect(routeOf('/latest')).toEqual({ page: 'latest' });
  expect(routeOf('/settings/blocked')).toEqual({ page: 'blocked' });
  expect(routeOf('/@Ann_7')).toEqual({ page: 'profile', username: 'Ann_7' });
  expect(routeOf('/%40Ann_7')).toEqual({ page: 'profile', username: 'Ann_7' });
  expect(routeOf('/@Ann_7/followers')).toEqual({
    page: 'people',
    username: 'Ann_7',
    list: 'followers',
  });
  expect(routeOf('/@Ann_7/following')).toEqual({
    page: 'people',
    username: 'Ann_7',
    list: 'following',
  });
  expect(routeOf('/hashtags/%C3%B6l')).toEqual({ page: 'hashtag', tag: 'öl' });
  const id = '0198a000-0000-7000-8000-000000500002';
  expect(routeOf(`/videos/${id}`)).toEqual({ page: 'video', id });
  expect(routeOf(`/videos/${id}/stats`)).toEqual({ page: 'stats', id });
  expect(routeOf('/creator')).toEqual({ page: 'creator' });
  expect(routeOf('/settings/sessions')).toEqual({ page: 'sessions' });
});

test('addresses as people type them mean the same page', () => {
  const id = '0198a000-0000-7000-8000-00000050000a';
  expect(routeOf(`/videos/${id.toUpperCase()}`)).toEqual({ page: 'video', id });
  expect(routeOf(`/videos/${id.toUpperCase()}/stats/`)).toEqual({ page: 'stats', id });
  expect(routeOf('/@Ann_7/')).toEqual({ page: 'profile', username: 'Ann_7' });
  expect(routeOf('/settings/')).toEqual({ page: 'settings' });
  expect(routeOf('//')).toEqual({ page: 'following' });
  expect(canonical(`/videos/${id.toUpperCase()}/stats/`)).toBe(`/videos/${id}/stats`);
  expect(canonical('/@Ann_7/')).toBe('/@Ann_7');
  expect(canonical('/')).toBe('/');
});

test('anything else is lost', () => {
  for (const path of [
    '/nowhere',
    '/videos/7',
    '/@a',
    '/@ann/likes',
    '/constructor',
    '/hashtags/%',
  ]) {
    expect(routeOf(path)).toEqual({ page: 'lost' });
  }
});

test('feeds and a single video show videos', () => {
  const shows = (path: string) => showsVideos(routeOf(path));
  for (const path of ['/', '/for-you', '/latest', `/videos/${'0'.repeat(36)}`])
    expect(shows(path)).toBe(true);
  for (const path of ['/log-in', '/settings', '/@ann', '/nowhere']) expect(shows(path)).toBe(false);
});
