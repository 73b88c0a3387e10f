/** A path that leads nowhere. */
import { useDocumentTitle } from '../kit/document-title';
import { Empty } from '../kit/state';
import { words } from '../words/words';

export function LostPage() {
  const { title, nothing, why, goHome } = words.value.app.lost;
  useDocumentTitle(title);
  return (
    <main class="scroller page">
      <h1 class="only-heard">{title}</h1>
      <Empty
        icon="find"
        title={nothing}
        actions={
          <a class="button button-main" href="/">
            {goHome}
          </a>
        }
      >
        {why}
      </Empty>
    </main>
  );
}
