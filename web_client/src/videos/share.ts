/** Sharing: the system's sheet on phones, a copied link elsewhere. The server is told. */
import { me } from '../accounts/session';
import { call } from '../api/call';
import type { Video } from '../api/types';
import { freshKey } from '../kit/keys';
import { tell } from '../kit/toast';

export async function share(video: Video): Promise<void> {
  const url = `${location.origin}/videos/${video.id}`;
  if (matchMedia('(pointer: coarse)').matches && 'share' in navigator) {
    try {
      await navigator.share({ title: video.title || 'reelwire', url });
    } catch {
      return; // they thought better of it
    }
    tellServer(video.id);
    return;
  }
  try {
    await navigator.clipboard.writeText(url);
    tell(
      video.visibility === 'public'
        ? 'Link copied'
        : 'Link copied. Only those who may see the video can open it.',
    );
  } catch {
    tell(`Copy this link: ${url}`);
  }
  tellServer(video.id);
}

/** Of members alone. What is not counted troubles nobody. */
function tellServer(id: string): void {
  if (!me.value) return;
  void call('POST', '/videos/{id}/shares', {
    path: { id },
    idempotencyKey: freshKey(),
  }).catch(() => undefined);
}
