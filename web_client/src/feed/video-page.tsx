/** A video by its link, with the author's other videos below it. */
import { useEffect, useMemo } from 'preact/hooks';
import { call } from '../api/call';
import { refusedWith } from '../api/problem';
import type { Page, Video } from '../api/types';
import { FeedFrame } from './feed-frame';
import { useNothingToPlay } from './nothing';
import { Reel } from './reel';
import { Icon } from '../kit/icon';
import { back, cameFrom } from '../kit/router';
import { Empty, Failed } from '../kit/state';
import { ReelSkeleton } from './skeleton';
import { sourceFrom } from './source';
import { VideoList } from '../videos/list';
import { fetchVideo, knownVideo, onVideoGone } from '../videos/store';
import { nameOf } from '../videos/words';
import { words } from '../words/words';

const PAGE = 10;

export function VideoPage({ id }: { id: string }) {
  const list = useMemo(() => listFrom(id), [id]);
  const source = useMemo(() => sourceFrom(cameFrom(), id), [id]);
  useEffect(() => void list.load(), [list]);
  useNothingToPlay(list);
  useEffect(() => onVideoGone((gone) => list.remove(gone)), [list]);
  const video = knownVideo(id)?.value;
  const says = words.value.feed;
  const author = video?.author.username;
  const shown = list.ids.value.length > 0;
  const emptied = !shown && list.state.value === 'ready';
  const nothing = emptied || (!shown && refusedWith(list.failure.value, 'not_found'));
  return (
    <FeedFrame
      title={author ? says.videosOf(author) : says.video}
      windowTitle={nothing ? says.notFound : video ? nameOf(video) : says.video}
      bare={!shown}
      videoId={list.current.value}
    >
      <header class="feed-bar feed-bar-start">
        <button
          class="round-button"
          aria-label={says.back}
          onClick={() => back(author ? `/@${author}` : '/')}
        >
          <Icon name="back" />
        </button>
      </header>
      {shown && (
        <Reel list={list} label={author ? says.videosOf(author) : says.video} source={source} />
      )}
      {list.state.value === 'failed' && !nothing && (
        <Failed error={list.failure.value} onRetry={() => void list.reload()} />
      )}
      {nothing && (
        <Empty icon="film" title={says.gone}>
          {says.goneWhy}
        </Empty>
      )}
      {!shown && !nothing && list.state.value !== 'failed' && <ReelSkeleton />}
    </FeedFrame>
  );
}

/** First the video itself, then the author's others, page by page. */
function listFrom(id: string): VideoList {
  const begin = 'begin';
  return new VideoList(async (cursor): Promise<Page<Video>> => {
    if (cursor === null) return { items: [await fetchVideo(id)], next_cursor: begin };
    const author = knownVideo(id)?.value.author.id ?? '';
    const query = { limit: PAGE, cursor: cursor === begin ? null : cursor };
    const page = await call('GET', '/users/{user}/videos', { path: { user: author }, query });
    // Authors see their own unfinished videos in their list; a feed has only what plays.
    return { ...page, items: page.items.filter((video) => video.sources.length > 0) };
  });
}
