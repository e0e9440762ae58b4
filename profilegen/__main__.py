"""Run the command line: `python -m profilegen`."""

from profilegen.cli.main import main

main()
