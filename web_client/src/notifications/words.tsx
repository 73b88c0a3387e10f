/** What a notification says, and where it leads. */
import type { Author, Notification } from '../api/types';
import { Said } from '../kit/said';
import { cut } from '../kit/text';
import { words } from '../words/words';

/** Of a title that a comment follows, so many characters. */
const TITLE_MOST = 40;

/** "Ann and Ben liked “Harbour”", with the names standing out. */
export function Told({ item }: { item: Notification }) {
  const { kind, video, comment, actors, actors_count: many } = item;
  const says = words.value.notifications;
  const who = (
    <b>
      <Who actors={actors} count={many} />
    </b>
  );
  const title = video?.title && comment ? cut(video.title, TITLE_MOST) : video?.title;
  const named = title ? <Said text={says.video} parts={{ title }} /> : null;
  const tell = (text: string) => (
    <Said text={text} parts={{ who, video: named ?? says.yourVideo }} />
  );
  switch (kind) {
    case 'follower':
      return tell(says.follower(many));
    case 'like':
      return tell(says.like(many));
    case 'comment':
      return tell(says.comment(many));
    case 'mention':
      return tell(comment ? says.mention(many) : says.mentionInVideo(many));
    case 'video_ready':
      return tell(named ? says.ready : says.readyUnnamed);
    case 'video_failed':
      return tell(named ? says.failed : says.failedUnnamed);
  }
}

/** "Ann", "Ann and Ben", "Ann, Ben and 12 others" */
function Who({ actors, count }: { actors: readonly Author[]; count: number }) {
  const [first = '', second = ''] = actors.map((actor) => actor.display_name);
  return <Said text={sentenceFor(actors.length, count)} parts={{ first, second }} />;
}

/** The sentence for so many people, of whom some are `named`. */
export function sentenceFor(named: number, count: number): string {
  const says = words.value.notifications;
  if (count <= 1 || named < 2) return says.one;
  return count === 2 ? says.two : says.many(count - 2);
}

/** The video, or why it cannot be shown; of followers theirs, or the list of one's own. */
export function whereOf({ kind, video, actors }: Notification, own: string): string {
  if (kind === 'video_failed') return video ? `/videos/${video.id}/stats` : `/@${own}`;
  if (video) return `/videos/${video.id}`;
  return actors.length === 1 && actors[0] ? `/@${actors[0].username}` : `/@${own}/followers`;
}
