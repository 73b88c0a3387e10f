/**
 * Every word that the page says, in the language that was chosen: `words.value.feed.quiet`.
 *
 * A language is a folder with a file for each feature; an entry is a text, or a function where a number or a name stands
 * in it. The type of the English ones is the type of all, so that the compiler finds what a translation lacks. English is
 * part of the application, every other language is fetched when somebody reads it.
 */
import { signal } from '@preact/signals';
import { imported } from '../kit/imported';
import { en } from './en';
import {
  keepLanguage,
  type Language,
  language,
  type LanguageChoice,
  languageChoice,
  wantedLanguage,
} from './language';

export type Words = typeof en;

/** How long the first picture may wait for another language than English. */
const PATIENCE_MS = 3000;

const LOADERS: Readonly<Record<Language, () => Words | Promise<Words>>> = {
  en: () => en,
  de: () => imported('de', () => import('./de')).then((found) => found.de),
};

/** What is said where; a component that reads it is drawn anew in the next language. */
export const words = signal<Words>(en);

/** The words of the language that is wanted are there; English ones when they cannot be had soon. */
export async function startWords(): Promise<void> {
  const late = new Promise<void>((resolve) => setTimeout(resolve, PATIENCE_MS));
  await Promise.race([speak().catch(() => undefined), late]);
}

/**
 * Speaks another language from now on.
 *
 * Throws when its words cannot be loaded; then nothing has changed.
 */
export async function chooseLanguage(chosen: LanguageChoice): Promise<void> {
  const before = languageChoice.value;
  keepLanguage(chosen);
  try {
    await speak();
  } catch (error) {
    keepLanguage(before);
    throw error;
  }
}

async function speak(): Promise<void> {
  const wanted = wantedLanguage.value;
  if (wanted === language.value) return;
  const found = await LOADERS[wanted]();
  if (wantedLanguage.value !== wanted) return; // another choice since
  language.value = wanted;
  words.value = found;
  document.documentElement.lang = wanted;
}
