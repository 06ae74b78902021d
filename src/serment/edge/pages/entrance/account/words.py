"""What happened to an account, and with what it is open, in plain words."""

from serment import identity, ledger
from serment.edge.shell import mark

Kind = identity.EventKind

METHOD_WORDS: dict[identity.Method, str] = {
    identity.Method.TOTP: mark("avec l'application d'authentification"),
    identity.Method.PASSKEY: mark("avec une clé d'accès"),
    identity.Method.RECOVERY_CODE: mark("avec un code de secours"),
    identity.Method.FEDERATED: mark("avec votre identité liée"),
}
FACTOR_WORDS: dict[identity.FactorKind, str] = {
    identity.FactorKind.TOTP: mark("Application d'authentification"),
    identity.FactorKind.PASSKEY: mark("Clé d'accès"),
}
_EVENT_WORDS: dict[identity.EventKind, str] = {
    Kind.ORGANISATION_FOUNDED: mark("Organisation créée"),
    Kind.ACCOUNT_INVITED: mark("Code d'inscription remis"),
    Kind.ACCOUNT_ENROLLED: mark("Compte ouvert avec le code d'inscription"),
    Kind.ACCOUNT_SUSPENDED: mark("Compte suspendu par l'administration"),
    Kind.ACCOUNT_REINSTATED: mark("Compte rétabli par l'administration"),
    Kind.ACCOUNT_LEAVING: mark("Départ annoncé par l'administration"),
    Kind.ACCOUNT_STAYING: mark("Départ annulé par l'administration"),
    Kind.ACCOUNT_DEPARTED: mark("Compte fermé pour départ"),
    Kind.ACCOUNT_PUT_TO_SLEEP: mark("Compte mis en sommeil, faute d'avoir servi"),
    Kind.ACCOUNT_WOKEN: mark("Compte réveillé"),
    Kind.ACCOUNTS_LISTED: mark("Liste des comptes consultée"),
    Kind.ENROLMENT_REFUSED: mark("Code d'inscription refusé"),
    Kind.SIGN_IN_THROTTLED: mark("Trop d'essais de connexion : ils ne sont plus examinés"),
    Kind.DEVICE_FORGOTTEN: mark("Appareil habituel oublié"),
    Kind.SIGN_IN_REFUSED: mark("Connexion refusée"),
    Kind.SESSION_OPENED: mark("Connexion ouverte"),
    Kind.SESSION_ENDED: mark("Connexion fermée"),
    Kind.STEPPED_UP: mark("Identité confirmée"),
    Kind.STEP_UP_REFUSED: mark("Confirmation d'identité refusée"),
    Kind.FACTOR_ADDED: mark("Second facteur ajouté"),
    Kind.FACTOR_REMOVED: mark("Second facteur retiré"),
    Kind.PASSWORD_CHANGED: mark("Mot de passe changé"),
    Kind.PASSWORD_CHANGE_REFUSED: mark("Changement de mot de passe refusé"),
    Kind.PASSWORD_BREACHED: mark("Mot de passe trouvé dans une liste de mots de passe volés"),
    Kind.PASSWORD_EXPIRED: mark("Mot de passe trop ancien, à changer"),
    Kind.PASSWORD_CHANGE_DEMANDED: mark("Changement de mot de passe demandé"),
    Kind.PASSKEY_DOUBTED: mark("Clé d'accès peut-être copiée : son compteur est revenu en arrière"),
    Kind.RECOVERY_OPENED: mark("Récupération du compte demandée"),
    Kind.RECOVERY_APPROVED: mark("Récupération du compte approuvée par une seconde personne"),
    Kind.RECOVERY_STOPPED: mark("Récupération du compte arrêtée"),
    Kind.RECOVERY_REFUSED: mark("Code de récupération refusé"),
    Kind.RECOVERY_COMPLETED: mark("Compte récupéré : tout ce qui l'ouvrait avant ne l'ouvre plus"),
    Kind.RECOVERY_CODES_RENEWED: mark("Codes de secours renouvelés"),
    Kind.IDENTITY_LINKED: mark("Identité liée au compte"),
    Kind.IDENTITY_UNLINKED: mark("Identité déliée du compte"),
    Kind.LINK_REFUSED: mark("Liaison d'une identité refusée"),
    Kind.LOGOUT_REFUSED: mark("Déconnexion par le service d'identité refusée"),
    Kind.TEAM_CREATED: mark("Équipe créée"),
    Kind.MEMBER_ADDED: mark("Ajout à une équipe"),
    Kind.MEMBERSHIP_ENDED: mark("Retrait d'une équipe"),
    Kind.MEMBERSHIP_CONFIRMED: mark("Place dans une équipe confirmée"),
    Kind.MEMBERSHIP_LAPSING: mark(
        "Place dans une équipe à confirmer par son responsable, sans quoi elle prend fin"
    ),
    Kind.MEMBERSHIP_LAPSED: mark("Place dans une équipe terminée, faute d'avoir été confirmée"),
    Kind.TEAM_REVIEW_OVERDUE: mark("Revue d'une équipe en retard"),
    Kind.HEAD_NAMED: mark("Nommé responsable d'une équipe"),
    Kind.HEAD_ENDED: mark("N'est plus responsable d'une équipe"),
    Kind.REVIEW_RHYTHM_SET: mark("Rythme de revue d'une équipe changé"),
    Kind.KEY_MADE: mark("Clé de logiciel créée"),
    Kind.KEY_REVOKED: mark("Clé de logiciel retirée"),
    Kind.KEY_ENDING: mark("Clé de logiciel : elle prend fin dans deux semaines ou moins"),
    Kind.KEY_REFUSED: mark("Clé de logiciel refusée : elle a servi hors de ses limites"),
}
#: Signs by which browsers and systems name themselves, the more exact first.
_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPad", "iPad"),
    ("iPhone", "iPhone"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
UNKNOWN_DEVICE = mark("Appareil inconnu")
_STOLEN_PASSWORD = mark("Connexion refusée : le mot de passe était juste, pas le second facteur")
_CONSOLE = mark("depuis la console")
_FROM_A_NETWORK = frozenset({"web", *identity.Face})


def event_word(kind: identity.EventKind, password: str = "") -> str:
    """Return what happened, as a marked sentence; a refused sign-in with the right password is another matter."""
    if kind is Kind.SIGN_IN_REFUSED and password == "right":  # noqa: S105 - what it was worth, not what it was
        return _STOLEN_PASSWORD
    return _EVENT_WORDS[kind]


def is_alarming(event: identity.SecurityEvent) -> bool:
    """Tell whether the owner of the account should look twice."""
    return event.outcome is not ledger.Outcome.ALLOWED


def device_word(user_agent: str) -> str:
    """Return browser and system as people know them: "Firefox, Linux"."""
    named = [
        next((name for sign, name in known if sign in user_agent), "") for known in (_BROWSERS, _SYSTEMS)
    ]
    return ", ".join(name for name in named if name) or UNKNOWN_DEVICE


def place_word(origin: str) -> str:
    """Return the address behind an origin: "203.0.113.7"."""
    way, _, address = origin.partition(" ")
    return address if way in _FROM_A_NETWORK and address else _CONSOLE
