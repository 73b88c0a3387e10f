/** Numbers as people read them on a small screen, in the language of the page. */
import { type Language, language } from './language';

interface Formats {
  plain: Intl.NumberFormat;
  compact: Intl.NumberFormat;
}

const formats = new Map<Language, Formats>();

/** 318, 9,310, 12.4k, 1.2m; in German 318, 9.310, 12.400, 1,3 Mio. */
export function count(of: number): string {
  const { plain, compact } = formatsOf(language.value);
  if (of < 10_000) return plain.format(of);
  return language.value === 'en' ? compact.format(of).toLowerCase() : compact.format(of);
}

/** "1 follower", "2 followers" */
export function counted(of: number, one: string, many = `${one}s`): string {
  return `${count(of)} ${of === 1 ? one : many}`;
}

function formatsOf(spoken: Language): Formats {
  const made = formats.get(spoken);
  if (made) return made;
  const compact = new Intl.NumberFormat(spoken, { notation: 'compact', maximumFractionDigits: 1 });
  const fresh = { plain: new Intl.NumberFormat(spoken), compact };
  formats.set(spoken, fresh);
  return fresh;
}
