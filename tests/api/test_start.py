"""What a process takes for itself before it serves."""

import subprocess
import sys

import pytest

SCRIPT = """
import resource
from g4f.api.start import allow_files
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (256, most))
allow_files()
assert resource.getrlimit(resource.RLIMIT_NOFILE) == (most, most)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="WINDOWS HAS NO SUCH LIMIT: raising it is not checked")
def test_a_server_opens_as_many_files_as_it_may():
    assert subprocess.run([sys.executable, "-c", SCRIPT], check=False).returncode == 0
