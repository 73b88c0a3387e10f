/** One upload from the picked file to the playing video: it goes on after reloads, breaks and other tabs. */
import { signal } from '@preact/signals';
import { refusedWith, Unreachable } from '../api/problem';
import type { Video } from '../api/types';
import { pauseMs } from '../kit/backoff';
import { imported } from '../kit/imported';
import type { VideoProgress } from '../live/messages';
import { fetchVideo } from '../videos/store';
import { cutOut } from '../trim/cutting';
import { words } from '../words/words';
import { Copy } from './copy';
import { sendCover } from './cover';
import { failureOf, stepAfter } from './failures';
import { sendAll } from './send-all';
import { forgetFile, forgetUpload, keepFile, type KeptUpload, keptFile } from './shelf';
import { plays, type Sending, sentBy, type Step } from './step';
import { type Said, tellTabs, type UploadWord } from './tabs';
import { Turn } from './turn';

/** So often a video that was sent again may still say that it failed: a worker has not come to it yet. */
const PATIENCE = 5;
/** At least; the socket tells sooner. */
const ASKED_EVERY_MS = 4_000;

export interface UploadEvents {
  onPlayable: (video: Video) => void;
  /** It was given up, in this tab or another. */
  onGone: (upload: Upload) => void;
}

export class Upload {
  readonly step = signal<Step>({ name: 'starting' });
  readonly copy: Copy;
  readonly #turn: Turn;
  /** For ever. */
  #stop = new AbortController();
  /** This attempt. */
  #pause = new AbortController();
  #poll: ReturnType<typeof setTimeout> | undefined;
  #polls = 0;
  #patience = 0;
  #dressing: Promise<void> | null = null;

  constructor(
    kept: KeptUpload,
    private readonly events: UploadEvents,
    /** Null after a reload: it is looked for on the shelf. */
    private file: Blob | null = null,
  ) {
    this.copy = new Copy(kept);
    this.#turn = new Turn(kept.key);
  }

  private get kept(): KeptUpload {
    return this.copy.now;
  }

  get key(): string {
    return this.kept.key;
  }

  get title(): string {
    return this.kept.title || this.kept.name;
  }

  /** Of what is sent, in bytes. */
  get size(): number {
    return this.kept.cut?.size ?? this.kept.size;
  }

  get picture(): Blob | null {
    return this.kept.picture;
  }

  /** Has the server heard of it? What it refuses, or what rests before, is never counted there. */
  get isBegun(): boolean {
    const { name } = this.step.value;
    const comes = name === 'starting' || name === 'cutting';
    return !comes || this.kept.uploadUrl !== null || this.kept.videoId !== null;
  }

  get videoId(): string | null {
    return this.kept.videoId;
  }

  /** Begins or goes on; in one tab at a time. */
  async run(): Promise<void> {
    if (this.kept.videoId) return this.#follow();
    if (this.#rests()) return;
    // Before anything is waited for: a pause from now on is one of this attempt.
    this.#pause = new AbortController();
    const attempt = AbortSignal.any([this.#stop.signal, this.#pause.signal]);
    try {
      await this.#turn.take(attempt, () =>
        // Whoever is next reads what this tab has written.
        this.#send(attempt).finally(() => this.copy.written),
      );
    } catch (error) {
      // Once it was given up there may be another attempt already; this one has nothing to say then.
      if (!this.#stop.signal.aborted && (!attempt.aborted || this.#pause.signal.aborted))
        this.#broke(error);
    }
  }

  /** The person picked the file again after a reload; null when it is the right one, else what is wrong. */
  refill(file: File): string | null {
    const { size, lastModified, name } = this.kept;
    if (file.size !== size || file.lastModified !== lastModified)
      return words.value.upload.otherFile(name);
    // What is cut out once more has other bytes.
    if (this.kept.cut) this.copy.keep({ cut: null, uploadUrl: null });
    this.file = file;
    void this.run();
    return null;
  }

  /** The machine lost its network: what is on its way is given up, to go on from the server's offset. */
  offline(): void {
    const { name } = this.step.value;
    if (name === 'sending' || name === 'starting' || name === 'waiting') this.#giveUp();
  }

  /** The person wants it to wait; it does so after a reload too. */
  hold(): void {
    const sent = sentBy(this.step.value);
    this.copy.keep({ pausedAt: sent });
    this.#tell({ say: 'held', sent });
    this.#giveUp();
    this.#rests();
  }

  /** The person wants it to go on. */
  goOn(): void {
    this.copy.keep({ pausedAt: null });
    this.#tell({ say: 'resumed' });
    void this.run();
  }

  /** Stuck, offline or failed, but something changed for the better, or the person wants another try. */
  again(): void {
    const { name } = this.step.value;
    if (name === 'stuck' || name === 'offline') void this.run();
    else if (this.#unfinished()) void this.#ask();
  }

  /** Sends once more what could not be made playable. */
  sendAgain(): void {
    this.#patience = PATIENCE;
    this.copy.keep({ videoId: null, uploadUrl: null });
    void this.run();
  }

  /** Nothing goes on here, for ever. */
  stop(): void {
    this.#stop.abort();
    clearTimeout(this.#poll);
  }

  /** The card goes; of an upload that is not finished the server is told that it will not go on. */
  async cancel(): Promise<void> {
    this.stop();
    if (!this.kept.videoId) tellTabs({ key: this.key, say: 'cancelled' });
    await this.#dressing; // the cover is on its way
    // Another tab may be the one that sends it.
    const { uploadUrl, videoId } = (await this.copy.reread()) ?? this.kept;
    await forgetUpload(this.key);
    if (!uploadUrl || videoId) return;
    const { terminate } = await imported('transfer', () => import('./transfer'));
    await terminate(uploadUrl);
  }

  /** The server says how far the video is. */
  heard({ id, status, progress, error }: VideoProgress): void {
    const was = this.step.value.name;
    if (id !== this.kept.videoId || was === 'duplicate') return;
    if (status === 'failed') void this.#failed(error?.code);
    else if (plays(status)) {
      if (!plays(was) || this.kept.cover) void this.#shown(id);
      if (status === 'ready') this.#end({ name: 'ready' });
      else this.step.value = { name: 'playable' };
    } else this.step.value = { name: 'processing', progress };
  }

  /** Another tab says something of it. */
  told(word: UploadWord): void {
    const { videoId, pausedAt } = this.kept;
    switch (word.say) {
      case 'asks':
        this.#turn.answer(this.step.value);
        break;
      case 'step':
        if (this.#turn.isAwaited) this.step.value = word.step;
        // Here the file is missing, there it is not: to wait for it is better than to ask for it.
        else if (this.step.value.name === 'needs-file' && word.step.name === 'sending')
          void this.run();
        break;
      case 'held':
        if (!videoId) this.#pauseAt(sentBy(this.step.value) || word.sent);
        // It came too late.
        else if (this.step.value.name !== 'failed') this.#tell({ say: 'arrived', videoId });
        break;
      case 'resumed':
        if (videoId || typeof pausedAt !== 'number') break;
        this.copy.learn({ pausedAt: null });
        void this.run();
        break;
      case 'cancelled':
        if (!videoId) this.#leave();
        break;
      case 'arrived':
        if (videoId === word.videoId) break;
        this.copy.learn({ videoId: word.videoId, pausedAt: null });
        void this.#follow();
    }
  }

  /** It plays: the file is not needed any more, and it gets the cover that was chosen. */
  async #shown(id: string): Promise<void> {
    void forgetFile(this.key).catch(() => undefined);
    this.#dressing ??= this.#dress(id);
    await this.#dressing;
    this.#dressing = null;
  }

  async #dress(id: string): Promise<void> {
    try {
      const video = await fetchVideo(id);
      this.events.onPlayable(video);
      const { cover } = this.kept;
      if (!cover) return;
      if (!(await sendCover(video, cover))) {
        this.#askLater();
        return;
      }
      this.copy.keep({ cover: null });
      // The profile is to show it at once.
      this.events.onPlayable(await fetchVideo(id));
    } catch {
      this.#askLater();
    } finally {
      if (this.step.value.name === 'ready' && !this.kept.cover) this.#forget();
    }
  }

  /** Whether the person wants it to wait. */
  #rests(): boolean {
    const { pausedAt } = this.kept;
    if (typeof pausedAt !== 'number') return false;
    this.step.value = { name: 'paused', sent: pausedAt };
    return true;
  }

  async #send(attempt: AbortSignal): Promise<void> {
    if (this.kept.videoId) return; // another tab told that it has sent it
    // Or had no way to tell that, or was told to pause, while we waited for our turn.
    const kept = await this.copy.reread();
    attempt.throwIfAborted();
    if (!kept) {
      this.#leave();
      return;
    }
    this.copy.learn(kept);
    if (this.kept.videoId) return this.#follow();
    if (this.#rests()) return;
    const file = this.file ?? (await keptFile(this.key).catch(() => null)) ?? null;
    attempt.throwIfAborted();
    this.file = file;
    if (!file) {
      this.step.value = { name: 'needs-file' };
      return;
    }
    this.file = await this.#part(file, attempt);
    this.#show({ name: 'starting' });
    await this.#transfer(this.file, attempt);
  }

  /** What of the file is sent. */
  async #part(file: Blob, signal: AbortSignal): Promise<Blob> {
    const { trim, cut } = this.kept;
    // Where the shelf had no room for what was cut out, the whole file still lies there.
    if (!trim || cut?.size === file.size) return file;
    const onProgress = (progress: number) => this.#show({ name: 'cutting', progress });
    onProgress(0);
    const part = await cutOut(file, trim, onProgress, signal);
    void keepFile(this.key, part).catch(() => undefined);
    this.copy.keep({ cut: { size: part.size, type: part.type }, uploadUrl: null });
    return part;
  }

  async #transfer(file: Blob, signal: AbortSignal): Promise<void> {
    const events = {
      onCreating: () => this.#onCreating(),
      onStep: (step: Sending) => this.#show(step),
    };
    const { videoId, duplicate } = await sendAll(file, this.copy, events, signal);
    this.copy.keep({ videoId });
    this.#tell({ say: 'arrived', videoId });
    if (duplicate && (await this.#playsAlready(videoId))) this.#end({ name: 'duplicate' });
    else await this.#follow();
  }

  /** Nothing is begun that another tab has given up, or been told to pause. */
  async #onCreating(): Promise<void> {
    const kept = await this.copy.reread();
    if (!kept) this.#leave();
    else if (typeof kept.pausedAt === 'number') this.#pauseAt(kept.pausedAt);
  }

  /** Of what was sent before: it may have failed then, and be tried again now. */
  async #playsAlready(videoId: string): Promise<boolean> {
    const { status } = await fetchVideo(videoId);
    if (status === 'failed') this.#patience = PATIENCE;
    return plays(status);
  }

  /** All bytes are there; from now on the socket tells, and we ask now and then in case it was away. */
  async #follow(): Promise<void> {
    if (this.step.value.name !== 'playable') this.step.value = { name: 'processing', progress: 0 };
    await this.#ask();
  }

  async #ask(): Promise<void> {
    clearTimeout(this.#poll);
    const { videoId } = this.kept;
    if (!videoId || this.#stop.signal.aborted) return;
    try {
      this.heard(await fetchVideo(videoId));
    } catch (error) {
      if (refusedWith(error, 'not_found'))
        this.#end({ name: 'failed', words: words.value.upload.deleted, again: false });
    }
    if (this.#unfinished()) this.#askLater();
  }

  #askLater(): void {
    clearTimeout(this.#poll);
    if (this.#stop.signal.aborted) return;
    this.#poll = setTimeout(() => void this.#ask(), ASKED_EVERY_MS + pauseMs(++this.#polls));
  }

  /** Is there anything that the server has yet to say? */
  #unfinished(): boolean {
    const { name } = this.step.value;
    return name === 'processing' || name === 'playable' || (name === 'ready' && !!this.kept.cover);
  }

  async #failed(code: string | undefined): Promise<void> {
    if (this.#patience-- > 0) return;
    clearTimeout(this.#poll);
    const failure = failureOf(code);
    if (failure.again) this.file ??= (await keptFile(this.key).catch(() => null)) ?? null;
    const again = failure.again && this.file !== null;
    const step: Step = { name: 'failed', words: failure.words, again };
    if (again) this.step.value = step;
    else this.#end(step);
  }

  /** It was given up elsewhere. */
  #leave(): void {
    this.stop();
    this.events.onGone(this);
  }

  #show(step: Sending): void {
    this.step.value = step;
    this.#turn.tell(step);
  }

  #pauseAt(sent: number): void {
    this.copy.learn({ pausedAt: sent });
    this.#giveUp();
    this.#rests();
  }

  #giveUp(): void {
    this.#pause.abort(new Unreachable('given up'));
  }

  #broke(error: unknown): void {
    if (this.#rests()) return;
    const step = stepAfter(error);
    if (step.name === 'failed') this.#end(step);
    else this.step.value = step;
  }

  #end(step: Step): void {
    clearTimeout(this.#poll);
    this.step.value = step;
    if (step.name !== 'ready' || !this.kept.cover) this.#forget();
  }

  #forget(): void {
    void forgetUpload(this.key).catch(() => undefined);
  }

  /** Tells the other tabs, once they can read it on the shelf. */
  #tell(said: Said): void {
    void this.copy.written.then(() => tellTabs({ key: this.key, ...said }));
  }
}
