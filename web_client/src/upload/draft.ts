/** What a person has decided about a picked video so far. */
import { computed, signal } from '@preact/signals';
import type { UploadLimits, Visibility } from '../api/types';
import { codePoints } from '../kit/numbers';
import { trimmed } from '../kit/text';
import { cuttable } from '../trim/cutting';
import { type Bounds, isWhole, lengthOf, type TrimRange, wholeOf } from '../trim/range';
import { LONGEST_DESCRIPTION, LONGEST_TITLE } from '../videos/words';
import { lengthObstacle } from './checks';
import type { Inspection } from './inspect';
import type { Cover } from './shelf';
import type { Posting } from './uploads';

export interface Picked extends Inspection {
  file: File;
}

export class Draft {
  readonly title = signal('');
  readonly description = signal('');
  readonly visibility = signal<Visibility>('public');
  /** Null where this browser cannot show it. */
  readonly bounds: Bounds | null;
  readonly range = signal<TrimRange | null>(null);
  /** Null until that is known. */
  readonly cuttable = signal<boolean | null>(null);
  /** A moment is one of the whole file. */
  readonly cover = signal<Cover | null>(null);
  #looking: Promise<boolean> | null = null;

  constructor(
    readonly picked: Picked,
    private readonly limits: UploadLimits,
    private readonly look: (file: Blob) => Promise<boolean> = cuttable,
  ) {
    const { durationMs, picture } = picked;
    this.bounds = durationMs && picture ? { durationMs, mostMs: limits.max_duration_ms } : null;
    if (this.bounds) this.range.value = wholeOf(this.bounds);
  }

  /** Why it cannot be posted as it is; null when it can. '' where the fields say so themselves. */
  readonly obstacle = computed<string | null>(() => {
    const long =
      codePoints(this.title.value) > LONGEST_TITLE ||
      codePoints(this.description.value) > LONGEST_DESCRIPTION;
    if (long) return '';
    const part = this.#part();
    return lengthObstacle(part ? lengthOf(part) : this.picked.durationMs, this.limits);
  });

  /** Resolves false once, when it turns out that a part was wanted but cannot be cut. */
  async isAsShown(): Promise<boolean> {
    if (!this.wantsPart || this.cuttable.value !== null) return true;
    this.#looking ??= this.look(this.picked.file);
    this.cuttable.value = await this.#looking;
    return this.cuttable.value;
  }

  /** What is handed to the upload; `picture` is what its card shows. */
  posting(picture: Blob | null): Posting {
    const part = this.#part();
    return {
      file: this.picked.file,
      picture,
      title: trimmed(this.title.value),
      description: trimmed(this.description.value),
      visibility: this.visibility.value,
      trim: part,
      cover: withinPart(this.cover.value, part),
    };
  }

  /** The moment that stands for the video, in milliseconds; null where nothing was chosen. */
  pictureAtMs(): number | null {
    const cover = this.cover.value;
    if (cover && 'at_ms' in cover) return cover.at_ms;
    return this.#part()?.startMs ?? null;
  }

  /** Is only a part of it to be posted? */
  get wantsPart(): boolean {
    const range = this.range.value;
    return range !== null && this.bounds !== null && !isWhole(range, this.bounds.durationMs);
  }

  /** What is to be cut out; null where all of it is posted. */
  #part(): TrimRange | null {
    return this.wantsPart && this.cuttable.value !== false ? this.range.value : null;
  }
}

/** A moment counts from the beginning of what is posted; outside of it, it is the nearest one. */
export function withinPart(cover: Cover | null, part: TrimRange | null): Cover | null {
  if (!cover || 'picture' in cover || !part) return cover;
  return { at_ms: Math.max(0, Math.min(cover.at_ms, part.endMs) - part.startMs) };
}
