"""`python -m g4f.cli` is the `g4f` command."""

import sys

from g4f.cli import main

sys.exit(main())
