/** All public videos, newest first, for everybody. */
import { call } from '../api/call';
import { onBlockChange } from '../blocks/store';
import { bandwidthQuery } from '../playback/bandwidth';
import { VideoList } from '../videos/list';
import { onVideoGone } from '../videos/store';

const PAGE = 10;

export const latest = new VideoList((cursor) =>
  call('GET', '/feed/latest', { query: { limit: PAGE, cursor, ...bandwidthQuery() } }),
);

onVideoGone((id) => latest.remove(id));
onBlockChange(() => {
  if (latest.state.value !== 'new') void latest.reload();
});
