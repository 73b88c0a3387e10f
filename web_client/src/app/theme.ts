/** Light or dark: as the system says, unless the person says otherwise. */
import { effect, signal } from '@preact/signals';
import { keep, kept } from '../kit/kept';

export type Theme = 'system' | 'light' | 'dark';

const NAME = 'theme';
const system = matchMedia('(prefers-color-scheme: light)');
const systemLight = signal(system.matches);

export const theme = signal<Theme>(keptTheme());

export function startTheme(): void {
  system.addEventListener('change', () => (systemLight.value = system.matches));
  effect(() => {
    const light = theme.value === 'light' || (theme.value === 'system' && systemLight.value);
    document.documentElement.dataset.theme = light ? 'light' : 'dark';
    document
      .querySelector('meta[name="theme-color"]')
      ?.setAttribute('content', light ? '#f6f7f9' : '#0b0c10');
  });
}

export function chooseTheme(chosen: Theme): void {
  theme.value = chosen;
  keep(NAME, chosen);
}

function keptTheme(): Theme {
  const chosen = kept(NAME);
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system';
}
