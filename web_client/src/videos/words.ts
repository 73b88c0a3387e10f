/** The words around a video: how long they may be, what it is called, and who may be allowed to see it. */
import type { Video, Visibility } from '../api/types';
import type { IconName } from '../kit/icon';

export const LONGEST_TITLE = 150;
export const LONGEST_DESCRIPTION = 2200;

/** What a video is called where one name is needed. */
export function nameOf({ title, description }: Pick<Video, 'title' | 'description'>): string {
  return title || description || 'Untitled video';
}

export const VISIBILITIES: readonly { value: Visibility; words: string; icon: IconName }[] = [
  { value: 'public', words: 'Everyone', icon: 'world' },
  { value: 'followers', words: 'Followers', icon: 'people' },
  { value: 'private', words: 'Only me', icon: 'lock' },
];
