/** Liking: on the screen at once, taken back when the server refuses. */
import { call } from '../api/call';
import { askToJoin } from '../accounts/join';
import { changed } from '../kit/moments';
import { tellFailure } from '../kit/toast';
import { words } from '../words/words';
import { addToCounts, changeVideo, knownVideo } from '../videos/store';

/** Likes or unlikes; a double tap only ever likes. */
export async function setLiked(id: string, liked: boolean): Promise<void> {
  const video = knownVideo(id)?.value;
  if (!video || (video.viewer?.liked ?? false) === liked) return;
  if (askToJoin(words.value.feed.toLike)) return;
  changed(id);
  paint(id, liked);
  try {
    await call(liked ? 'PUT' : 'DELETE', '/videos/{id}/like', { path: { id } });
    changed(id);
  } catch (error) {
    paint(id, !liked);
    tellFailure(error);
  }
}

function paint(id: string, liked: boolean): void {
  changeVideo(id, { viewer: { liked } });
  addToCounts(id, { likes: liked ? 1 : -1 });
}
