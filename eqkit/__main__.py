"""``python -m eqkit`` is the command ``eqkit``."""

from eqkit.cli import main

main(prog_name="eqkit")
