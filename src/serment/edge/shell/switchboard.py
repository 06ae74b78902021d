"""Finds the route of a request by how its address begins and how many parts it has.

Starlette asks one route after the other: with two hundred of them that took longer than all else that is done for a
refused sign-in.
"""

from collections import defaultdict
from collections.abc import Sequence

from starlette.routing import BaseRoute, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

_Key = tuple[str, int]


class Switchboard:
    """The routes, a few of which are asked for each request, in the order in which they were given.

    An address that spans parts (`{name:path}`) has no number of them: where one begins so, all that begin so are asked.
    """

    def __init__(self, routes: Sequence[BaseRoute], default: ASGIApp) -> None:
        by_start: defaultdict[str, list[BaseRoute]] = defaultdict(list)
        by_key: defaultdict[_Key, list[BaseRoute]] = defaultdict(list)
        spanning: set[str] = set()
        for route in routes:
            path = _path_of(route)
            start, parts = _key_of(path)
            by_start[start].append(route)
            by_key[start, parts].append(route)
            if ":path}" in path:
                spanning.add(start)
        self._nowhere = Router(default=default)
        self._by_start = {start: _router(by_start[start], default) for start in spanning}
        self._by_key = {key: _router(few, default) for key, few in by_key.items() if key[0] not in spanning}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on to the route that answers it, or to the default; start and end have no address."""
        key = _key_of(scope.get("path", ""))
        router = self._by_key.get(key) or self._by_start.get(key[0]) or self._nowhere
        # Starlette raises its refusals, instead of answering them, when it sees an application.
        scope["app"] = router
        await router(scope, receive, send)


def _router(routes: Sequence[BaseRoute], default: ASGIApp) -> Router:
    return Router(routes, redirect_slashes=False, default=default)


def _key_of(path: str) -> _Key:
    parts = path.split("/", 2)
    return parts[1] if len(parts) > 1 else "", path.count("/")


def _path_of(route: BaseRoute) -> str:
    if not isinstance(route, Route) or route.path.startswith("/{"):
        raise TypeError(f"not a route whose address begins with a word: {route}")
    return route.path
