/** The first page of a guest: what this is, and the ways in. */
import { Wordmark } from '../kit/wordmark';
import { useDocumentTitle } from '../kit/document-title';
import { words } from '../words/words';
import './welcome.css';

export function WelcomePage() {
  const says = words.value.accounts;
  useDocumentTitle(null);
  return (
    <main class="welcome scroller">
      <Art />
      <div class="welcome-words">
        <Wordmark />
        <h1>{says.promise}</h1>
        <p>{says.promiseMore}</p>
        <div class="welcome-actions">
          <a class="button button-main button-wide" href="/sign-up">
            {says.signUp}
          </a>
          <a class="button button-wide" href="/log-in">
            {says.logIn}
          </a>
          <a class="welcome-look" href="/for-you">
            {says.look}
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
          <b />
          {words.value.accounts.arrived}
        </span>
        <span class="art-line" />
        <span class="art-line art-short" />
      </i>
    </div>
  );
}
