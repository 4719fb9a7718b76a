"""haechi serve: a home decides over HTTP."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Annotated

import typer


def command(
    home: Annotated[Path, typer.Option(help="The home to run.")],
    host: Annotated[str | None, typer.Option(help="Where to listen; this machine only, unless told otherwise.")] = None,
    port: Annotated[int | None, typer.Option(help="The port; 0 takes any free one.")] = None,
    allow_remote: Annotated[bool, typer.Option(help="Let other machines in; put TLS in front of it first.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Introduce the server as one JSON object.")] = False,
) -> None:
    """Run a home: decide over HTTP until SIGTERM or Ctrl-C.

    Example: haechi serve --home ./home --port 8080
    """
    from haechi.api import bind, run
    from haechi.commands.serving import serve_home
    from haechi.settings import Settings
    from haechi.stores import Home

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    place = Home(home)
    place.check()
    server = Settings.read(place.settings).server
    # The port comes first: building a memory for a server that cannot listen would be in vain.
    listener = bind(host or server.host, server.port if port is None else port, allow_remote=allow_remote)

    def introduce(instance: str, told: dict[str, object]) -> None:
        address, number = listener.getsockname()[:2]
        if as_json:
            about = {"port": number, "key": "", "instance": instance, "pid": os.getpid(), **told}
            print(json.dumps(about), flush=True)
        else:
            print(f"Haechi decides at http://{address}:{number} ({told['replayed']:,} entries replayed)", flush=True)
            print(f"console: open that address; the password, once and within the hour: {told['password']}", flush=True)

    run(serve_home(home, listener, introduce))
