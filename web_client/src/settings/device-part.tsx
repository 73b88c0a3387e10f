/** How this device shows things: colours, language, motion, data. Kept in this browser alone. */
import { chooseTheme, type Theme, theme } from '../app/theme';
import { chooseMotion, type Motion, motion } from '../kit/motion';
import { Segments } from '../kit/segments';
import { tellFailure } from '../kit/toast';
import { setDataSaver, dataSaver } from '../playback/saving';
import { LANGUAGE_NAMES, LANGUAGES, type LanguageChoice, languageChoice } from '../words/language';
import { chooseLanguage, words } from '../words/words';
import { Switch } from './switch';

export function DevicePart() {
  const said = words.value.settings;
  const themes: { value: Theme; words: string }[] = [
    { value: 'system', words: said.system },
    { value: 'light', words: said.light },
    { value: 'dark', words: said.dark },
  ];
  const languages: { value: LanguageChoice; words: string }[] = [
    { value: 'system', words: said.system },
    ...LANGUAGES.map((value) => ({ value, words: LANGUAGE_NAMES[value] })),
  ];
  const motions: { value: Motion; words: string }[] = [
    { value: 'system', words: said.system },
    { value: 'reduced', words: said.motionReduced },
  ];
  return (
    <section class="settings-part">
      <h2>{said.screen}</h2>
      <Segments
        legend={said.appearance}
        name="theme"
        choices={themes}
        value={theme.value}
        onChoose={chooseTheme}
      />
      <Segments
        legend={said.language}
        name="language"
        choices={languages}
        value={languageChoice.value}
        onChoose={(chosen) => void chooseLanguage(chosen).catch(tellFailure)}
      />
      <Segments
        legend={said.motion}
        name="motion"
        choices={motions}
        value={motion.value}
        onChoose={chooseMotion}
      />
      <Switch
        name="data"
        label={said.dataSaver}
        note={said.dataSaverMeans}
        on={dataSaver.value}
        onSwitch={setDataSaver}
      />
    </section>
  );
}
