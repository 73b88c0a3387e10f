/** Text with its hashtags set apart a little: they lead nowhere, so they do not look like links. */
import { pieces } from './text';

export function Hashtagged({ text }: { text: string }) {
  return (
    <>
      {pieces(text).map((piece, index) =>
        piece.hashtag ? <em key={index}>{piece.text}</em> : piece.text,
      )}
    </>
  );
}
