from serment import identity, kernel, ledger


def make_caller(role: identity.Role, profession: identity.Profession) -> identity.Caller:
    return identity.Caller(
        account=kernel.AccountId(kernel.new_id()),
        organisation=kernel.OrganisationId(kernel.new_id()),
        role=role,
        profession=profession,
        session=identity.SessionId(kernel.new_id()),
        name="Camille Essai",
        origin="web 203.0.113.7",
    )


def test_actor_names_the_profession_of_a_professional() -> None:
    caller = make_caller(identity.Role.PROFESSIONAL, identity.Profession.NURSE)

    assert caller.actor == ledger.Actor(caller.account, caller.organisation, "nurse", "web 203.0.113.7")


def test_actor_names_the_role_of_the_others() -> None:
    assert make_caller(identity.Role.PATIENT, identity.Profession.NONE).actor.role == "patient"
