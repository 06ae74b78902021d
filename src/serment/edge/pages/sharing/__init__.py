"""Who takes part in the care, who was let in, and letting somebody in."""

from starlette.routing import BaseRoute, Route

from serment.edge.desk import Desk
from serment.edge.pages.sharing.access import AccessPage
from serment.edge.pages.sharing.acts import AccessActs
from serment.edge.pages.sharing.patient_account import PatientAccountPage
from serment.edge.pages.sharing.patient_recovery import PatientRecoveryPage
from serment.edge.pages.sharing.share import SharePage
from serment.edge.pages.sharing.waking import PatientWakingPage

__all__ = ["routes"]


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of care teams, grants and the patient's own account."""
    page, acts, own, share = AccessPage(desk), AccessActs(desk), PatientAccountPage(desk), SharePage(desk)
    waking, recovery = PatientWakingPage(desk), PatientRecoveryPage(desk)
    one = "/dossiers/{dossier:uuid}"
    return [
        Route(f"{one}/access", page.show, methods=["GET"]),
        Route(f"{one}/access/admit", acts.admit, methods=["POST"]),
        Route(f"{one}/access/end", acts.end, methods=["POST"]),
        Route(f"{one}/access/revoke", acts.revoke, methods=["POST"]),
        Route(f"{one}/access/take-over", acts.take_over, methods=["POST"]),
        Route(f"{one}/access/patient/{{account:uuid}}/wake", waking.ask, methods=["GET"]),
        Route(f"{one}/access/patient/{{account:uuid}}/wake", waking.wake, methods=["POST"]),
        Route(f"{one}/access/patient/{{account:uuid}}/recovery", recovery.ask, methods=["GET"]),
        Route(f"{one}/access/patient/{{account:uuid}}/recovery", recovery.open, methods=["POST"]),
        Route(f"{one}/access/patient/{{account:uuid}}/recovery/stop", recovery.ask, methods=["GET"]),
        Route(f"{one}/access/patient/{{account:uuid}}/recovery/stop", recovery.stop, methods=["POST"]),
        Route(f"{one}/access/patient", own.form, methods=["GET"]),
        Route(f"{one}/access/patient", own.invite, methods=["POST"]),
        Route(f"{one}/access/patient/code", own.renew, methods=["POST"]),
        Route(f"{one}/share", share.form, methods=["GET"]),
        Route(f"{one}/share", share.share, methods=["POST"]),
    ]
