/** The menu of somebody else's clip, as a sheet: not interested, report, block, copy the link. */
import { askToJoin } from '../accounts/join';
import type { Video } from '../api/types';
import { Icon, type IconName } from '../kit/icon';
import { Sheet } from '../kit/sheet';
import { copyLinkOf } from '../videos/share';
import { knownVideo } from '../videos/store';
import { words } from '../words/words';
import { blockAuthor } from './block-author';
import { canDecline, decline } from './not-interested';
import { closeClipMenu, menu } from './open';
import { ReportForm, Thanks } from './report';
import './moderation.css';

export function ClipMenu() {
  const open = menu.value;
  const video = open && knownVideo(open.videoId)?.value;
  if (!video) return null;
  const says = words.value.moderation;
  const titles = { acts: says.title, report: says.reportTitle, thanks: says.thanks };
  return (
    <Sheet title={titles[open.part]} onClose={closeClipMenu}>
      {open.part === 'acts' && <Acts video={video} />}
      {open.part === 'report' && <ReportForm video={video} />}
      {open.part === 'thanks' && <Thanks video={video} />}
    </Sheet>
  );
}

function Acts({ video }: { video: Video }) {
  const says = words.value.moderation;
  const { username } = video.author;
  /** For members; whoever is none is told why. */
  const member = (why: string, act: () => void) => () => {
    closeClipMenu();
    if (!askToJoin(why)) act();
  };
  const report = () => {
    menu.value = { videoId: video.id, part: 'report' };
  };
  return (
    <div class="clip-menu">
      {canDecline(video.id) && (
        <Act
          icon="unseen"
          name={says.notInterested}
          why={says.notInterestedWhy}
          onClick={member(says.toChoose, () => decline(video.id))}
        />
      )}
      <Act
        icon="link"
        name={says.copyLink}
        onClick={() => {
          closeClipMenu();
          void copyLinkOf(video);
        }}
      />
      <Act
        icon="flag"
        name={says.report}
        why={says.reportWhy}
        onClick={member(says.toReport, report)}
      />
      <Act
        icon="block"
        name={says.block(username)}
        why={says.blockWhy}
        bad
        onClick={member(says.toBlock, () => void blockAuthor(video))}
      />
    </div>
  );
}

interface ActProps {
  icon: IconName;
  name: string;
  why?: string;
  bad?: boolean;
  onClick: () => void;
}

function Act({ icon, name, why, bad = false, onClick }: ActProps) {
  return (
    <button class={bad ? 'clip-act clip-act-bad' : 'clip-act'} onClick={onClick}>
      <Icon name={icon} />
      <span>
        <b>
          <bdi>{name}</bdi>
        </b>
        {why && <small>{why}</small>}
      </span>
    </button>
  );
}
