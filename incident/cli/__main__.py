"""`python -m incident.cli`: how `incident serve` starts its children."""

import sys

from incident.cli import main

sys.exit(main())
