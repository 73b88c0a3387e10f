/** What one can do with a video, at the right thumb: its author, like, comments, share. */
import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { User, Video } from '../api/types';
import { commentsOf } from '../comments/comments';
import { openComments } from '../comments/open';
import { threadOf } from '../comments/thread';
import { fetchUser, isMe, knownUser, setFollowing } from '../follows/store';
import { setLiked } from '../likes/like';
import { Avatar } from '../kit/avatar';
import { Icon } from '../kit/icon';
import { share } from '../videos/share';
import { count } from '../words/count';
import { words } from '../words/words';
import { openMenu } from './menu';
import './rail.css';

export function Rail({ video, current }: { video: Signal<Video>; current: boolean }) {
  const { id, counts, viewer } = video.value;
  const liked = viewer?.liked ?? false;
  const says = words.value.feed;
  // The same number as above the list.
  const comments = commentsOf(id, current ? threadOf(id) : undefined);
  return (
    <div class="rail">
      <RailAuthor video={video.value} current={current} />
      <button
        class={liked ? 'rail-act rail-liked' : 'rail-act'}
        aria-pressed={liked}
        aria-label={says.like(counts.likes)}
        onClick={() => void setLiked(id, !liked)}
      >
        <Icon name="heart" full={liked} />
        <span>{count(counts.likes)}</span>
      </button>
      <button
        class="rail-act"
        aria-label={says.comments(comments)}
        onClick={() => openComments(id)}
      >
        <Icon name="talk" />
        <span>{count(comments)}</span>
      </button>
      <button class="rail-act" onClick={() => void share(video.value)}>
        <Icon name="share" />
        <span>{says.share}</span>
      </button>
      <button
        class="rail-act rail-more"
        aria-label={says.moreAbout}
        aria-haspopup="dialog"
        onClick={() => openMenu(video.value)}
      >
        <Icon name="more" full />
      </button>
    </div>
  );
}

/** The author's face, with a plus while we do not follow. */
function RailAuthor({ video: { author }, current }: { video: Video; current: boolean }) {
  const user = useSignal<Signal<User> | null>(knownUser(author.id) ?? null);
  useEffect(() => {
    if (!current || user.value || isMe(author.id)) return;
    // Only for the plus; without an answer there is none.
    fetchUser(author.id).then(
      (known) => (user.value = known),
      () => undefined,
    );
  }, [author.id, current, user]);
  const known = user.value;
  const stranger = known !== null && known.value.viewer?.following === false && !isMe(author.id);
  return (
    <div class="rail-author">
      <a href={`/@${author.username}`} aria-label={words.value.feed.profileOf(author.display_name)}>
        <Avatar of={author} size="large" />
      </a>
      {stranger && (
        <button
          class="rail-follow"
          aria-label={words.value.feed.follow(author.username)}
          onClick={() => void setFollowing(known, true)}
        >
          <Icon name="plus" />
        </button>
      )}
    </div>
  );
}
