/** The first page of a guest: what this is, and the ways in. */
import { Wordmark } from '../app/wordmark';
import { useDocumentTitle } from '../kit/document-title';
import './welcome.css';

export function WelcomePage() {
  useDocumentTitle(null);
  return (
    <main class="welcome scroller">
      <Art />
      <div class="welcome-words">
        <Wordmark />
        <h1>The moment it can be played, it is on your screen.</h1>
        <p>
          Short videos from the people you follow. No reloading, no waiting: they arrive by
          themselves.
        </p>
        <div class="welcome-actions">
          <a class="button button-main button-wide" href="/sign-up">
            Create an account
          </a>
          <a class="button button-wide" href="/log-in">
            Log in
          </a>
          <a class="welcome-look" href="/for-you">
            Just look around
          </a>
        </div>
      </div>
    </main>
  );
}

/** Three pictures on their way, drawn by the style sheet alone. */
function Art() {
  return (
    <div class="art" aria-hidden="true">
      <i class="art-card art-sea" />
      <i class="art-card art-night" />
      <i class="art-card art-dawn">
        <span class="art-pill">
          <b />
          <b />3 new
        </span>
        <span class="art-line" />
        <span class="art-line art-short" />
      </i>
    </div>
  );
}
