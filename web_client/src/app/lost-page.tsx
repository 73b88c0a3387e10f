/** A path that leads nowhere. */
import { useDocumentTitle } from '../kit/document-title';
import { Empty } from '../kit/state';

export function LostPage() {
  useDocumentTitle('Not found');
  return (
    <main class="scroller page">
      <h1 class="only-heard">Not found</h1>
      <Empty
        icon="find"
        title="There is nothing here"
        actions={
          <a class="button button-main" href="/">
            Go home
          </a>
        }
      >
        The link may be old, or the address has a slip of the pen.
      </Empty>
    </main>
  );
}
