/** How this device shows things: colours, language, motion, data, keys. Kept in this browser alone. */
import { chooseTheme, type Theme, theme } from '../app/theme';
import { letterKeys, setLetterKeys } from '../kit/letter-keys';
import { chooseMotion, type Motion, motion } from '../kit/motion';
import { Segments } from '../kit/segments';
import { tellFailure } from '../kit/toast';
import { setDataSaver, dataSaver } from '../playback/saving';
import { LANGUAGE_NAMES, LANGUAGES, type LanguageChoice, languageChoice } from '../words/language';
import { chooseLanguage, words } from '../words/words';
import { Switch } from './switch';

export function DevicePart() {
  const says = words.value.settings;
  const themes: { value: Theme; words: string }[] = [
    { value: 'system', words: says.system },
    { value: 'light', words: says.light },
    { value: 'dark', words: says.dark },
  ];
  const languages: { value: LanguageChoice; words: string }[] = [
    { value: 'system', words: says.system },
    ...LANGUAGES.map((value) => ({ value, words: LANGUAGE_NAMES[value] })),
  ];
  const motions: { value: Motion; words: string }[] = [
    { value: 'system', words: says.system },
    { value: 'reduced', words: says.motionReduced },
  ];
  return (
    <section class="settings-part">
      <h2>{says.screen}</h2>
      <Segments
        legend={says.appearance}
        name="theme"
        choices={themes}
        value={theme.value}
        onChoose={chooseTheme}
      />
      <Segments
        legend={says.language}
        name="language"
        choices={languages}
        value={languageChoice.value}
        onChoose={(chosen) => void chooseLanguage(chosen).catch(tellFailure)}
      />
      <Segments
        legend={says.motion}
        name="motion"
        choices={motions}
        value={motion.value}
        onChoose={chooseMotion}
      />
      <Switch
        name="data"
        label={says.dataSaver}
        note={says.dataSaverMeans}
        on={dataSaver.value}
        onSwitch={setDataSaver}
      />
      <Switch
        name="letters"
        label={says.letters}
        note={says.lettersMeans}
        on={letterKeys.value}
        onSwitch={setLetterKeys}
      />
    </section>
  );
}
