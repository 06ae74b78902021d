"""Where stores may lie: in the European Economic Area, and said so by the operator (LAW-60)."""

from collections.abc import Mapping

from serment.app.errors import PlaceRefused

#: ISO 3166-1 codes of the countries of the European Economic Area.
EEA = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IS",
        "IT",
        "LI",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "NO",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)


def insist_on_places(places: Mapping[str, str | None]) -> None:
    """Return if each store's declared place is allowed; `places` goes from the setting's name to the country.

    Raises:
        PlaceRefused: one is missing or outside the European Economic Area.
    """
    for setting, place in places.items():
        named = f'"{setting}" (SERMENT_{setting.upper()})'
        if place is None:
            raise PlaceRefused(f"The setting {named} must say in which country this store lies, such as FR.")
        if place.upper() not in EEA:
            raise PlaceRefused(
                f"The setting {named} says {place[:40]}, which is not a country of the European Economic "
                "Area; health data may not be kept there."
            )
