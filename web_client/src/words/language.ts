/** Which language the page speaks: the browser's first one that we have, unless the person says otherwise. */
import { computed, signal } from '@preact/signals';
import { keep, kept } from '../kit/kept';

export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];
export type LanguageChoice = 'system' | Language;

/** Each language by its own name, in its own words. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch' };

const NAME = 'language';

/** What the person chose. */
export const languageChoice = signal<LanguageChoice>(keptChoice());

/** What was chosen, or what the browser asks for. Words of it are on the screen as soon as they are loaded (`words.ts`). */
export const wantedLanguage = computed<Language>(() =>
  languageChoice.value === 'system' ? ofBrowser() : languageChoice.value,
);

/** The language of what is on the screen: of its words, numbers and dates. */
export const language = signal<Language>('en');

/** Remembers the choice for the next visit. */
export function keepLanguage(chosen: LanguageChoice): void {
  languageChoice.value = chosen;
  keep(NAME, chosen === 'system' ? null : chosen);
}

/** The first of the browser's languages that we speak; English when it asks for none of ours. */
export function ofBrowser(wanted: readonly string[] = browserLanguages()): Language {
  for (const tag of wanted) {
    const found = LANGUAGES.find((ours) => tag.toLowerCase().split('-')[0] === ours);
    if (found) return found;
  }
  return 'en';
}

function browserLanguages(): readonly string[] {
  return typeof navigator === 'undefined' ? [] : navigator.languages;
}

function keptChoice(): LanguageChoice {
  const chosen = kept(NAME);
  return LANGUAGES.find((ours) => ours === chosen) ?? 'system';
}
