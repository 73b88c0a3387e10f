/** The shape of a video that is on its way, as large as the video will be. */
import { words } from '../words/words';

export function ReelSkeleton() {
  return (
    <div class="reel-skeleton" aria-busy="true" aria-label={words.value.feed.loading}>
      <div class="clip clip-skeleton">
        <div class="clip-skeleton-words">
          <span class="skeleton" />
          <span class="skeleton" />
        </div>
        <div class="clip-skeleton-rail">
          <span class="skeleton" />
          <span class="skeleton" />
          <span class="skeleton" />
        </div>
      </div>
    </div>
  );
}
