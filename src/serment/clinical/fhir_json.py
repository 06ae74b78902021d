"""Reading our own FHIR JSON back: small steps that name the place where a resource is not what it should be."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias, TypeVar

from serment.clinical.errors import ResourceMalformed

T = TypeVar("T")

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
JsonObject: TypeAlias = dict[str, Json]


def member(holder: Mapping[str, Json], name: str) -> JsonObject:
    """Return the object under `name`.

    Raises:
        ResourceMalformed: nothing there, or no object.
    """
    value = holder.get(name)
    if not isinstance(value, dict):
        raise ResourceMalformed(name)
    return value


def text(holder: Mapping[str, Json], name: str) -> str:
    """Return the text under `name`.

    Raises:
        ResourceMalformed: nothing there, or no text.
    """
    value = holder.get(name)
    if not isinstance(value, str):
        raise ResourceMalformed(name)
    return value


def number(holder: Mapping[str, Json], name: str) -> int:
    """Return the whole number under `name`.

    Raises:
        ResourceMalformed: nothing there, or no whole number.
    """
    value = holder.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ResourceMalformed(name)
    return value


def objects(holder: Mapping[str, Json], name: str) -> tuple[JsonObject, ...]:
    """Return the objects listed under `name`, none when the list is absent.

    Raises:
        ResourceMalformed: not a list of objects.
    """
    return _listed(holder, name, dict)


def texts(holder: Mapping[str, Json], name: str) -> tuple[str, ...]:
    """Return the texts listed under `name`, none when the list is absent.

    Raises:
        ResourceMalformed: not a list of texts.
    """
    return _listed(holder, name, str)


def _listed(holder: Mapping[str, Json], name: str, kind: type[T]) -> tuple[T, ...]:
    value = holder.get(name, [])
    if not isinstance(value, list):
        raise ResourceMalformed(name)
    found = tuple(item for item in value if isinstance(item, kind))
    if len(found) != len(value):
        raise ResourceMalformed(name)
    return found


def find(candidates: Iterable[JsonObject], name: str, value: str) -> JsonObject | None:
    """Return the first object whose member `name` equals `value`."""
    return next((item for item in candidates if item.get(name) == value), None)


def first(candidates: tuple[JsonObject, ...], name: str) -> JsonObject:
    """Return the first object of a list that may not be empty; `name` is the list's name.

    Raises:
        ResourceMalformed: the list is empty.
    """
    if not candidates:
        raise ResourceMalformed(name)
    return candidates[0]


def expect_type(resource: Mapping[str, Json], resource_type: str) -> None:
    """Refuse a resource of another type.

    Raises:
        ResourceMalformed: its `resourceType` differs.
    """
    if resource.get("resourceType") != resource_type:
        raise ResourceMalformed("resourceType")
