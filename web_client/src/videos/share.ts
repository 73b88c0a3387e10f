/** Sharing a video: its page is passed on, or its link copied. The server is told. */
import { me } from '../accounts/session';
import { call } from '../api/call';
import type { Video } from '../api/types';
import { freshKey } from '../kit/keys';
import { copyLink, passOn } from '../kit/pass-on';
import { words } from '../words/words';

export async function share(video: Video): Promise<void> {
  if (await passOn({ title: video.title || 'reelwire', ...linkOf(video) })) tellServer(video.id);
}

export async function copyLinkOf(video: Video): Promise<void> {
  await copyLink(linkOf(video));
  tellServer(video.id);
}

function linkOf({ id, visibility }: Video) {
  return {
    path: `/videos/${id}`,
    copied: visibility === 'public' ? undefined : words.value.videos.copiedForSome,
  };
}

/** Of members alone. What is not counted troubles nobody. */
function tellServer(id: string): void {
  if (!me.value) return;
  void call('POST', '/videos/{id}/shares', {
    path: { id },
    idempotencyKey: freshKey(),
  }).catch(() => undefined);
}
