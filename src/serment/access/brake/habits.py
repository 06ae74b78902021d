"""What is usual for each account, learned from the days that are over; which dossiers they were is then forgotten."""

from serment import kernel
from serment.access.brake import policy, store

_AT_ONCE = 200


def learn_habits(database: kernel.Database) -> int:
    """Learn some of the days that are over, each in a transaction of its own; return how many."""
    with database.reading() as uow:
        days = store.finished_days(uow, _AT_ONCE)
    for account, day, count in days:
        with database.unit_of_work() as uow:
            state = store.load_state(uow, account)
            usual = policy.usual_after(state.usual, state.active_days, count)
            learned = {"usual": usual, "active_days": state.active_days + 1}
            store.learn(uow, account, day, learned)
    return len(days)
