/** What is special about a video: what becomes of it, who sees it, where it lies. */
import type { Video } from '../api/types';
import { isMe } from '../follows/store';
import type { IconName } from '../kit/icon';
import { words } from '../words/words';

export interface Mark {
  icon: IconName;
  words: string;
  bad?: boolean;
}

/** That it lies in the archive troubles its author alone. */
export function marksFor({ status, visibility, archived, author }: Video): Mark[] {
  const says = words.value.profile;
  if (status === 'failed') return [{ icon: 'alert', words: says.failed, bad: true }];
  if (status === 'uploaded') return [{ icon: 'retry', words: says.waiting }];
  if (status === 'processing') return [{ icon: 'retry', words: says.onItsWay }];
  const marks: Mark[] = [];
  if (visibility === 'private') marks.push({ icon: 'lock', words: says.onlyYou });
  if (visibility === 'followers') marks.push({ icon: 'people', words: says.forFollowers });
  if (archived && isMe(author.id)) marks.push({ icon: 'archive', words: says.archived });
  return marks;
}
