import { describe, expect, it } from 'vitest';
import type { Author, Notification } from '../../src/api/types';
import { sentenceFor, whereOf } from '../../src/notifications/words';
import { words } from '../../src/words/words';

function person(name: string): Author {
  return { id: name, username: name, display_name: '', avatar_url: null };
}

const [ann, ben] = [person('ann'), person('ben')];

describe('who did it', () => {
  it('names two, and counts the others', () => {
    expect(sentenceFor(1, 1)).toBe('{first}');
    expect(sentenceFor(2, 2)).toBe('{first} and {second}');
    expect(sentenceFor(3, 3)).toBe('{first}, {second} and 1 other');
    expect(sentenceFor(3, 14)).toBe('{first}, {second} and 12 others');
  });

  it('names one where no other is left', () => {
    expect(sentenceFor(1, 3)).toBe('{first}');
  });
});

describe('a notification of followers', () => {
  const followed: Notification = {
    id: 'n',
    kind: 'follower',
    video: null,
    comment: null,
    actors: [ann],
    actors_count: 1,
    unread: true,
    created_at: '',
    updated_at: '',
  };

  it('leads to the one, or to all of them', () => {
    const { follower } = words.value.notifications;
    expect(follower(1)).toBe('{who} started following you');
    expect(whereOf(followed, 'me')).toBe('/@ann');
    const many = { ...followed, actors: [ann, ben], actors_count: 2 };
    expect(follower(2)).toBe('{who} started following you');
    expect(whereOf(many, 'me')).toBe('/@me/followers');
    expect(whereOf({ ...many, kind: 'video_failed' }, 'me')).toBe('/@me');
  });
});
