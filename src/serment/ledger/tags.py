"""Blind tags: keyed hashes by which the traces of an account, a session, a key or a browser are found unopened.

The key is the controller's own: one account has another tag in each organisation's trail. The seal of the detail
binds the tags, so that one that was changed, dropped or added breaks it (docs/formats/ledger.md, section 7).
"""

from uuid import UUID

from serment import vault
from serment.kernel import OrganisationId
from serment.ledger.model import Actor, Mark

Tags = tuple[bytes | None, ...]
TAG_BITS = 64


def tag_of(keyring: vault.Keyring, organisation: OrganisationId, mark: Mark, subject: UUID) -> bytes:
    """Return the 8 bytes that stand for an account, session, key or browser in one organisation's trail."""
    return keyring.index_tag(organisation, f"trace-{mark}", str(subject), TAG_BITS)


def tags_of(keyring: vault.Keyring, organisation: OrganisationId, actor: Actor) -> Tags:
    """Return the tags of an actor, in the order of `Mark`; None where there is nothing to tag."""
    subjects = ((Mark.ACTOR, actor.account), (Mark.MEANS, actor.means), (Mark.BROWSER, actor.browser))
    return tuple(
        None if subject is None else tag_of(keyring, organisation, mark, subject)
        for mark, subject in subjects
    )


def bound(tags: Tags) -> str:
    """Return the tags as the seal binds them: `tags/1` and each in hexadecimal, empty where there is none."""
    return ":".join(["tags/1", *("" if tag is None else tag.hex() for tag in tags)])
