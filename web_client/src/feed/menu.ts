/** Opens the owner's menu on one's own video, else the viewer's menu. */
import type { Video } from '../api/types';
import { isMe } from '../follows/store';
import { openClipMenu } from '../moderation/open';
import { openOwnVideo } from '../videos/open';

export function openMenu({ id, author }: Video): void {
  if (isMe(author.id)) openOwnVideo(id);
  else openClipMenu(id);
}
