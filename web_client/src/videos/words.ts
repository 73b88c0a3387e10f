/** The words around a video: how long they may be, what it is called, and who may be allowed to see it. */
import type { Video, Visibility } from '../api/types';
import type { IconName } from '../kit/icon';
import { words } from '../words/words';

export const LONGEST_TITLE = 150;
export const LONGEST_DESCRIPTION = 2200;

/** What a video is called where one name is needed. */
export function nameOf({ title, description }: Pick<Video, 'title' | 'description'>): string {
  return title || description || words.value.videos.untitled;
}

/** Each in the words of the language that is on the screen when they are read. */
export const VISIBILITIES: readonly { value: Visibility; words: string; icon: IconName }[] = [
  visibility('public', 'everyone', 'world'),
  visibility('followers', 'followers', 'people'),
  visibility('private', 'onlyMe', 'lock'),
];

function visibility(
  value: Visibility,
  name: 'everyone' | 'followers' | 'onlyMe',
  icon: IconName,
): { value: Visibility; words: string; icon: IconName } {
  return {
    value,
    icon,
    get words() {
      return words.value.videos[name];
    },
  };
}
