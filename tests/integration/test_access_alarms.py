"""What an alarm hands to whoever looks into it."""

from serment import kernel
from serment.access.alarms import ALARM_JOB, Alarm, raise_alarm
from support.dossier import House


def test_alarm_names_what_it_is_about_and_nothing_else(embedded_house: House) -> None:
    house = embedded_house
    with house.database.unit_of_work() as uow:
        raise_alarm(uow, Alarm.ACCOUNT_FROZEN, house.organisation.id, account=house.nurse.account)

    job = kernel.lease(house.database, [ALARM_JOB], seconds=60)

    assert job is not None
    assert job.payload.keys() == {"incident", "alarm", "organisation", "account"}
    assert job.payload["account"] == str(house.nurse.account)
