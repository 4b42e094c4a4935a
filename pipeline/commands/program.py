"""Where the program ``tildeling`` begins: what needs no settings is answered without reading them.

Reading settings takes half a second of imports.
"""

from __future__ import annotations

import gc
import os
import signal
import sys

import pipeline

#: New objects before the garbage collector looks for circles among them. A report makes millions,
#: none of them in a circle; at Python's 700 looking takes a tenth of its time.
_OBJECTS_BETWEEN_LOOKS = 100_000


def collect_less_often() -> None:
    """Have the garbage collector of this process look less often."""
    gc.set_threshold(_OBJECTS_BETWEEN_LOOKS, 20, 20)


def heed_sigterm() -> None:
    """Have SIGTERM end the first process of a container, which it does not do by itself."""
    if os.getpid() == 1:
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def import_nothing_from_here() -> None:
    """Have the processes that this one starts import nothing from the folder it was started in.

    Prefect's server begins as ``python -m``, workers as ``python -c``: each would run a file there
    that is called as a module of Python's, whoever wrote it.
    """
    os.environ.setdefault("PYTHONSAFEPATH", "1")


def main() -> int:
    """Return the exit code of the process's command line (:func:`pipeline.commands.cli.main`)."""
    if sys.argv[1:] == ["--version"]:
        print(pipeline.__version__)
        return 0
    collect_less_often()
    heed_sigterm()
    import_nothing_from_here()
    from pipeline.errors import TildelingError

    try:
        # Declarations are read by the first import: a wrong factor is told as any other fault is.
        from pipeline.commands import cli
    except TildelingError as error:
        print(f"tildeling: {error.message}", file=sys.stderr)
        return error.exit_code
    return cli.main()
