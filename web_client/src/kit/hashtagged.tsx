/** Text with its hashtags in the accent colour. */
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
