/** Sharing: the system's sheet on phones, a copied link elsewhere. */
import type { Video } from '../api/types';
import { tell } from '../kit/toast';

export async function share(video: Video): Promise<void> {
  const url = `${location.origin}/videos/${video.id}`;
  if (matchMedia('(pointer: coarse)').matches && 'share' in navigator) {
    await navigator.share({ title: video.title || 'reelwire', url }).catch(() => undefined);
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
}
