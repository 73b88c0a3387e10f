/** What a profile says that shows no video: whose it is decides why. */
import { Empty } from '../kit/state';
import { words } from '../words/words';

interface Whose {
  mine: boolean;
  /** We have blocked them. */
  blocked: boolean;
  /** We follow them. */
  followed: boolean;
}

export function NoVideos({ mine, blocked, followed }: Whose) {
  const says = words.value.profile;
  if (blocked) {
    return (
      <Empty icon="film" title={says.hidden}>
        {says.hiddenMore}
      </Empty>
    );
  }
  if (!mine) {
    return (
      <Empty icon="film" title={says.none}>
        {followed ? says.noneFollowed : says.noneMore}
      </Empty>
    );
  }
  return (
    <Empty
      icon="film"
      title={says.first}
      actions={
        <a class="button button-main" href="/post">
          {says.post}
        </a>
      }
    >
      {says.firstMore}
    </Empty>
  );
}
