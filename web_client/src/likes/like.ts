/** Liking: on the screen at once, taken back when the server refuses. */
import { call } from '../api/call';
import { askToJoin } from '../accounts/join';
import { optimistic } from '../kit/optimistic';
import { words } from '../words/words';
import { addToCounts, changeVideo, fetchVideo, knownVideo } from '../videos/store';

/** Likes or unlikes; a double tap only ever likes. */
export async function setLiked(id: string, liked: boolean): Promise<void> {
  if (!knownVideo(id) || isLiked(id) === liked) return;
  if (askToJoin(words.value.feed.toLike)) return;
  await change(id, liked);
}

const change = optimistic({
  shown: isLiked,
  show: paint,
  send: async (id, liked) => {
    await call(liked ? 'PUT' : 'DELETE', '/videos/{id}/like', { path: { id }, repeatable: true });
    return liked;
  },
  reread: fetchVideo,
});

function isLiked(id: string): boolean {
  return knownVideo(id)?.value.viewer?.liked ?? false;
}

function paint(id: string, liked: boolean): void {
  if (isLiked(id) === liked) return;
  changeVideo(id, { viewer: { liked } });
  addToCounts(id, { likes: liked ? 1 : -1 });
}
