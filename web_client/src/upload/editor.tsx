/** The picked video and what can be done with it before it is posted: trimming it, choosing its cover. */
import { useComputed, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Icon } from '../kit/icon';
import { clock, size } from '../kit/numbers';
import { Segments } from '../kit/segments';
import { TrimPreview } from '../trim/preview';
import { type Bounds, lengthOf, type TrimRange, wholeOf } from '../trim/range';
import { Strip } from '../trim/strip';
import { TrimHandles, TrimNote } from '../trim/trim-handles';
import { words } from '../words/words';
import { CoverFrame, CoverWays } from './cover-ways';
import type { Draft } from './draft';
import './editor.css';

type Tool = 'trim' | 'cover';

interface ShownProps {
  draft: Draft;
  bounds: Bounds;
  onOther: () => void;
}

export function Editor({ draft, onOther }: { draft: Draft; onOther: () => void }) {
  useCuttable(draft);
  return (
    <section class="editor" aria-label={words.value.upload.yours}>
      {draft.bounds ? (
        <Shown draft={draft} bounds={draft.bounds} onOther={onOther} />
      ) : (
        <>
          <span class="editor-unseen">
            <Icon name="film" />
          </span>
          <Facts draft={draft} onOther={onOther} />
          <CoverWays draft={draft} />
        </>
      )}
    </section>
  );
}

/** What this browser can show. */
function Shown({ draft, bounds, onOther }: ShownProps) {
  const tool = useSignal<Tool>('trim');
  /** Where a handle is that is being moved. */
  const lookAtMs = useSignal<number | null>(null);
  const { file } = draft.picked;
  const range = draft.range.value ?? wholeOf(bounds);
  const covers = tool.value === 'cover';
  const cover = covers ? draft.cover.value : null;
  const coverAtMs = cover && 'at_ms' in cover ? cover.at_ms : null;
  const trimming = {
    range,
    bounds,
    onRange: (next: TrimRange, atMs: number) => {
      draft.range.value = next;
      lookAtMs.value = atMs;
    },
    onRest: () => (lookAtMs.value = null),
  };
  const cannot = draft.cuttable.value === false;
  return (
    <>
      <TrimPreview
        file={file}
        range={range}
        atMs={lookAtMs.value ?? coverAtMs}
        picture={cover && 'picture' in cover ? cover.picture : null}
      />
      <Facts draft={draft} onOther={onOther} />
      <Tools tool={tool.value} onTool={(next) => (tool.value = next)} />
      <div class="editor-tool">
        <Strip file={file} durationMs={bounds.durationMs}>
          {covers ? <CoverFrame draft={draft} /> : !cannot && <TrimHandles {...trimming} />}
        </Strip>
        {covers ? (
          <CoverWays draft={draft} />
        ) : cannot ? (
          <p class="strip-note">{words.value.trim.cannot}</p>
        ) : (
          <TrimNote {...trimming} />
        )}
      </div>
    </>
  );
}

function Facts({ draft, onOther }: { draft: Draft; onOther: () => void }) {
  const { file } = draft.picked;
  const range = draft.range.value;
  return (
    <p class="editor-facts">
      <span>
        {[range && clock(lengthOf(range)), !draft.wantsPart && size(file.size)]
          .filter(Boolean)
          .join(' · ')}
      </span>
      <button type="button" class="editor-other" onClick={onOther}>
        {words.value.upload.other}
      </button>
    </p>
  );
}

function Tools({ tool, onTool }: { tool: Tool; onTool: (tool: Tool) => void }) {
  const choices = [
    { value: 'trim', words: words.value.trim.name, icon: 'cut' },
    { value: 'cover', words: words.value.upload.cover, icon: 'picture' },
  ] as const;
  return (
    <Segments
      legend={words.value.upload.edit}
      name="tool"
      quiet
      choices={choices}
      value={tool}
      onChoose={onTool}
    />
  );
}

/** Asks whether parts can be cut out, once somebody wants one. */
function useCuttable(draft: Draft): void {
  const wanted = useComputed(() => draft.wantsPart).value;
  useEffect(() => {
    if (wanted) void draft.isAsShown();
  }, [draft, wanted]);
}
