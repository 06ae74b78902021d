"""A nurse with a password and an application, who signs in through the pages and changes her password."""

from datetime import timedelta

from serment import identity, kernel
from serment.edge.desk import Desk
from support.entrance import Visitor
from support.identity import Person, enrol, make_administrator, make_organisation, signed_in

HERE = "/account/security"
STEP_UP = "/account/step-up"
LOGIN = "camille.essai@example.test"


def enrol_nurse(desk: Desk, clock: kernel.SettableClock) -> Person:
    invitation = identity.Invitation(
        LOGIN, "Camille Essai", identity.Role.PROFESSIONAL, identity.Profession.NURSE
    )
    with desk.database.unit_of_work() as uow:
        administrator = signed_in(uow, make_administrator(uow, make_organisation(uow)))
        code = identity.invite(uow, administrator, invitation)
    enrolled = enrol(desk.entrance, LOGIN, code)
    clock.advance(timedelta(minutes=1))
    return enrolled


def sign_in(visitor: Visitor, password: str, code: str) -> Visitor:
    visitor.open(f"/sign-in?next={HERE}").send("/sign-in", login=LOGIN, password=password)
    return visitor.send("/sign-in/second", code=code)


def change_password(visitor: Visitor, current: str, new: str) -> Visitor:
    visitor.open(f"{HERE}/password")
    return visitor.send(f"{HERE}/password", current=current, password=new, again=new)
