/** Sharing: the system's sheet on phones, a copied link elsewhere. The server is told. */
import { me } from '../accounts/session';
import { call } from '../api/call';
import type { Video } from '../api/types';
import { freshKey } from '../kit/keys';
import { tell } from '../kit/toast';
import { words } from '../words/words';

export async function share(video: Video): Promise<void> {
  if (matchMedia('(pointer: coarse)').matches && 'share' in navigator) {
    try {
      await navigator.share({ title: video.title || 'reelwire', url: linkOf(video) });
    } catch {
      return; // they thought better of it
    }
    tellServer(video.id);
    return;
  }
  await copyLink(video);
}

/** The link on the clipboard; where that is forbidden, on the screen. */
export async function copyLink(video: Video): Promise<void> {
  const says = words.value.videos;
  const url = linkOf(video);
  try {
    await navigator.clipboard.writeText(url);
    tell(video.visibility === 'public' ? says.copied : says.copiedForSome);
  } catch {
    tell(says.copyThis(url));
  }
  tellServer(video.id);
}

function linkOf({ id }: Video): string {
  return `${location.origin}/videos/${id}`;
}

/** Of members alone. What is not counted troubles nobody. */
function tellServer(id: string): void {
  if (!me.value) return;
  void call('POST', '/videos/{id}/shares', {
    path: { id },
    idempotencyKey: freshKey(),
  }).catch(() => undefined);
}
