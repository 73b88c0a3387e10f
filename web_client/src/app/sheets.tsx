/** The menus that open over a page: of one's own video, and of somebody else's. */
import { ClipMenu } from '../moderation/clip-menu';
import { OwnVideoSheet } from '../videos/own-video';

export function Sheets() {
  return (
    <>
      <OwnVideoSheet />
      <ClipMenu />
    </>
  );
}
