/** The menu of a clip: of one's own video another one than of somebody else's. */
import type { Video } from '../api/types';
import { isMe } from '../follows/store';
import { openClipMenu } from '../moderation/open';
import { openOwnVideo } from '../videos/open';

export function openMenu({ id, author }: Video): void {
  if (isMe(author.id)) openOwnVideo(id);
  else openClipMenu(id);
}
