"""`python -m g4f` is the `g4f` command."""

import sys

from g4f.cli import main

sys.exit(main())
