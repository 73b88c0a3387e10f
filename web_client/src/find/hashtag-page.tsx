/** The public videos with a hashtag, newest first. */
import { useEffect, useMemo } from 'preact/hooks';
import { call } from '../api/call';
import { onBlockChange } from '../blocks/store';
import { PageFrame } from '../kit/page-frame';
import { Said } from '../kit/said';
import { Empty } from '../kit/state';
import { Grid } from '../videos/grid';
import { VideoList } from '../videos/list';
import { onVideoGone } from '../videos/store';
import { words } from '../words/words';

const PAGE = 18;

/** The list that was looked at last: coming back from a video shows at once what was there. */
let last: { tag: string; list: VideoList } | null = null;

export function HashtagPage({ tag }: { tag: string }) {
  const list = useMemo(() => videosWith(tag), [tag]);
  useEffect(() => void list.reload(), [list]);
  return (
    <PageFrame title={`#${tag}`} backTo="/find" wide>
      <Grid
        list={list}
        empty={
          <Empty
            icon="film"
            title={words.value.find.noVideos}
            actions={
              <a class="button button-main" href="/post">
                {words.value.profile.post}
              </a>
            }
          >
            <Said text={words.value.find.noVideosMore} parts={{ tag: `#${tag}` }} />
          </Empty>
        }
      />
    </PageFrame>
  );
}

function videosWith(tag: string): VideoList {
  if (last?.tag === tag) return last.list;
  const list = new VideoList((cursor) =>
    call('GET', '/hashtags/{tag}/videos', {
      path: { tag },
      query: { limit: PAGE, cursor },
    }),
  );
  last = { tag, list };
  return list;
}

onVideoGone((id) => last?.list.remove(id));
onBlockChange(() => (last = null));
