import { describe, expect, it } from 'vitest';
import type { Author, Notification } from '../../src/api/types';
import { whatOf, whereOf, whoOf } from '../../src/notifications/words';

function person(name: string): Author {
  return { id: name, username: name, display_name: '', avatar_url: null };
}

const [ann, ben, cat] = [person('ann'), person('ben'), person('cat')];

describe('who did it', () => {
  it('names two, and counts the others', () => {
    expect(whoOf([ann], 1)).toBe('ann');
    expect(whoOf([ann, ben], 2)).toBe('ann and ben');
    expect(whoOf([ann, ben, cat], 3)).toBe('ann, ben and 1 other');
    expect(whoOf([ann, ben, cat], 14)).toBe('ann, ben and 12 others');
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
    expect(whatOf(followed)).toBe('follows you');
    expect(whereOf(followed, 'me')).toBe('/@ann');
    const many = { ...followed, actors: [ann, ben], actors_count: 2 };
    expect(whatOf(many)).toBe('follow you');
    expect(whereOf(many, 'me')).toBe('/@me/followers');
  });
});
