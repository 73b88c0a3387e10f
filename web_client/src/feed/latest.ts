/** All public videos, newest first, for everybody. */
import { call } from '../api/call';
import { onBlockChange } from '../blocks/store';
import { VideoList } from '../videos/list';
import { onVideoGone } from '../videos/store';
import { pageQuery } from './first-page';

export const latest = new VideoList((cursor) =>
  call('GET', '/feed/latest', { query: pageQuery(cursor) }),
);

onVideoGone((id) => latest.remove(id));
onBlockChange(() => {
  if (latest.state.value !== 'new') void latest.reload();
});
