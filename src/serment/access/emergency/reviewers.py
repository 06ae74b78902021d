"""Who looks at an opening: a head of a team of whoever opened, else the data protection officer; never the opener.

A head looks only if their own profession may open in an emergency: somebody who could have stood there judges, and
words about health stay among those who may read them.
"""

from serment import identity, kernel
from serment.access import matrix
from serment.access.emergency.model import EmergencyOpening


def named_reviewer(uow: kernel.UnitOfWork, opening: EmergencyOpening) -> kernel.AccountId | None:
    """Return the head for whom an opening waits, the same each time; None: the data protection officer's office."""
    heads = sorted(heads_above(uow, opening.account), key=str)
    return next((head for head in heads if _may_judge(uow, head)), None)


def may_review(uow: kernel.UnitOfWork, caller: identity.Caller, opening: EmergencyOpening) -> bool:
    """Tell whether somebody may look at an opening and close the look, as teams stand now."""
    if caller.organisation != opening.organisation or caller.account == opening.account:
        return False
    if caller.role is identity.Role.DPO:
        return True
    return caller.account in heads_above(uow, opening.account) and _judges(uow, caller)


def reviewed_people(uow: kernel.UnitOfWork, caller: identity.Caller) -> frozenset[kernel.AccountId]:
    """Return whose openings somebody looks at as a head: the members of their teams, themselves left out."""
    headed = [
        one.team for one in identity.own_memberships(uow, caller) if one.quality is identity.Quality.HEAD
    ]
    if not headed or not _judges(uow, caller):
        return frozenset()
    members = {one.account for team in headed for one in identity.members_of(uow, team)}
    return frozenset(members - {caller.account})


def heads_above(uow: kernel.UnitOfWork, account: kernel.AccountId) -> frozenset[kernel.AccountId]:
    """Return the heads of somebody's teams, themselves left out."""
    return frozenset(
        one.account
        for team in identity.teams_of(uow, account)
        for one in identity.members_of(uow, team)
        if one.quality is identity.Quality.HEAD and one.account != account
    )


def _may_judge(uow: kernel.UnitOfWork, head: kernel.AccountId) -> bool:
    return identity.stands(uow, head) and _judges(uow, identity.open_account(uow, head))


def _judges(uow: kernel.UnitOfWork, head: identity.Account | identity.Caller) -> bool:
    """Tell whether a head may open in an emergency: a professional of the house they are, being in one of its teams."""
    return head.profession in matrix.current(uow, head.organisation).opens_emergency
