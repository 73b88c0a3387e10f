"""Commands end quietly where nobody reads what they say any further."""

import subprocess
import sys

from stack.steps import ROOT

SPEAKER = "from server.kit.terminal import say\nfor _ in range(100_000): say('a line')"


def test_whoever_reads_no_further_gets_no_trace() -> None:
    with subprocess.Popen([sys.executable, "-c", SPEAKER], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as speaker:
        assert speaker.stdout is not None
        assert speaker.stderr is not None
        assert speaker.stdout.readline() == b"a line\n"
        speaker.stdout.close()
        assert speaker.stderr.read() == b""
        assert speaker.wait(60) == 141
