"""What several commands may be given."""

from pathlib import Path
from typing import Annotated

import typer

DataOption = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="The data directory; else SERMENT_DATA.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer with one JSON document, for scripts.")]
HostOption = Annotated[str, typer.Option("--host", help="The address to listen on.")]
PortOption = Annotated[int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes a free one.")]
WorkersOption = Annotated[int, typer.Option("--workers", min=1, max=64, help="How many processes answer.")]
PlainOption = Annotated[bool, typer.Option("--http", help="Plain HTTP; on loopback only.")]
PlaceOption = Annotated[
    str, typer.Option("--place", metavar="COUNTRY", help="The country where the directory lies, such as FR.")
]
