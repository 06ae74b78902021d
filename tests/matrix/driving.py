"""Driving cells: which are asked in a short run, and what is put back between them."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from zlib import crc32

from starlette.routing import BaseRoute, Mount, Route

from matrix.cells import LISTS, Cell, faults_of
from matrix.table import Row
from matrix.wire import Answer, ask
from matrix.world import World
from serment import kernel
from serment.app import asgi
from serment.edge import pages
from serment.edge.acts import Act, read_acts
from serment.edge.shell import Pages
from serment.edge.shell.application import _own_routes
from support.apart import run_apart
from support.openid import FakeProvider, make_federation

SAFE = {"GET", "HEAD", "OPTIONS"}


def served(world: World, *, everything: bool = False) -> list[str]:
    """Return every method of every route that the server lists; `everything`: those of an identity provider too."""
    look = Pages(asgi.shell_settings(world.installation), world.installation.clock)
    found: list[BaseRoute] = [*_own_routes(look), *asgi.routes(world.installation, look)]
    if everything:
        clock = kernel.SettableClock(world.installation.clock.now())
        desk = asgi._desk(world.installation, look)
        found += pages.routes(replace(desk, federation=make_federation(desk.entrance, FakeProvider(clock))))
    assert not [one for one in found if isinstance(one, Mount)], "what is mounted would not be tried"
    return list(dict.fromkeys(door for one in found if isinstance(one, Route) for door in _doors(one)))


def _doors(route: Route) -> Iterator[str]:
    methods = route.methods or set()
    return (f"{one} {route.path}" for one in sorted(methods) if one != "HEAD" or "GET" not in methods)


def acts_served(world: World) -> dict[str, Act]:
    """Return the acts of the routes that this server has."""
    acts = read_acts()
    return {door: acts[door] for door in served(world) if door in acts}


def sampled(cells: Iterable[Cell], said: str, *, entries: int, dossiers: int) -> Iterator[Cell]:
    """Keep one in so many of the cells of single documents, and of those of the dossier; another part each `said`."""
    for cell in cells:
        rate = entries if cell.thing not in {"dossier", "-"} else dossiers
        if crc32(f"{said} {cell.who} {cell.door} {cell.thing}".encode()) % rate == 0:
            yield cell


def those_of(rows: Mapping[str, Row], cells: Iterable[Cell]) -> Iterator[Cell]:
    """Keep the cells of these people."""
    return (cell for cell in cells if cell.who in rows)


def lists_in(cells: Iterable[Cell]) -> Iterator[Cell]:
    """Keep what lists documents."""
    return (cell for cell in cells if cell.door in LISTS)


def drive(world: World, cells: Iterable[Cell], *, label: str) -> list[str]:
    """Ask every cell, put back what was changed, and return what is otherwise than the table says."""
    faults, requests, told = run_apart(_drive(world, cells))
    print(f"{label}: {told} cells by {requests} requests")  # noqa: T201 - read with -s
    return faults


async def _drive(world: World, cells: Iterable[Cell]) -> tuple[list[str], int, int]:
    faults: list[str] = []
    requests = told = 0
    with closing(world.image()) as image:
        for cell in cells:
            answer = await ask(world.app, cell.request)
            faults += faults_of(world, cell, answer)
            requests, told = requests + 1, told + cell.count
            if changed(cell.request.method, answer):
                await asyncio.to_thread(world.restore, image)
    return faults, requests, told


def changed(method: str, answer: Answer) -> bool:
    """Tell whether an act may have gone through."""
    return method not in SAFE and answer.status < 400
