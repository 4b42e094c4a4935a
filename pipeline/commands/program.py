"""Where the program ``tildeling`` begins: what needs no settings is answered without reading them.

Reading settings takes half a second of imports.
"""

from __future__ import annotations

import sys

import pipeline


def main() -> int:
    """Return the exit code of the process's command line (:func:`pipeline.commands.cli.main`)."""
    if sys.argv[1:] == ["--version"]:
        print(pipeline.__version__)
        return 0
    from pipeline.errors import TildelingError

    try:
        # Declarations are read by the first import: a wrong factor is told as any other fault is.
        from pipeline.commands import cli
    except TildelingError as error:
        print(f"tildeling: {error.message}", file=sys.stderr)
        return error.exit_code
    return cli.main()
