"""What each route of the server asks before it answers, on one page (promise O4, "one door").

A route that is not in the table is a fault: `tests/matrix` lists the routes that the server assembles and says which
line is missing; then it drives each of them as every kind of person and holds the answers against a table of its own.
What stands here is checked there too: the decisions in the trail after a request are those declared.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from serment.access import Action, Section


class Who(StrEnum):
    """Who comes as far as an answer, before anything is decided about a dossier."""

    #: No session is asked for, and nothing is said of anybody.
    ANYONE = "anyone"
    #: Whoever is signed in, about their own account and what they began themselves.
    ONESELF = "oneself"
    #: Whoever is signed in; each patient shown has a decision of its own, the others are absent.
    EACH = "each"
    #: Whoever is signed in; what they need is decided about the dossier that the address names.
    DECIDED = "decided"
    PROFESSIONAL = "professional"
    PATIENT = "patient"
    ADMINISTRATOR = "administrator"
    DPO = "dpo"
    #: The head of the team that the address names.
    HEAD = "head"


class Where(StrEnum):
    """On what part of the dossier an action is decided, where it is no section by name."""

    #: The dossier as a whole.
    WHOLE = "dossier"
    #: Any section: what the page shows is then what the permit reaches.
    ANYWHERE = "anywhere"
    #: The entry that the address names, in its section.
    ENTRY = "entry"
    #: The identity, and only for the care team, the patient and who acts for them in all: who is around is theirs to see.
    CIRCLE = "circle"


@dataclass(frozen=True)
class Need:
    """One action that `access` must allow, and where."""

    action: Action
    where: Where | Section


@dataclass(frozen=True)
class Act:
    """What a route asks: one of these kinds of person, and every one of these decisions."""

    who: frozenset[Who]
    needs: tuple[Need, ...] = ()

    @property
    def is_open(self) -> bool:
        """True when no session is asked for."""
        return Who.ANYONE in self.who


#: Method, path and act. Kinds of person are alternatives; decisions are all needed, in the order they are taken.
TABLE = """
# What says nothing of anybody, and the ways in.
GET     /health                                                    anyone
GET     /.well-known/security.txt                                  anyone
GET     /static/{digest}/{name:path}                               anyone
POST    /preferences                                               anyone
GET     /sign-in                                                   anyone
POST    /sign-in                                                   anyone
GET     /sign-in/second                                            anyone
POST    /sign-in/second                                            anyone
GET     /sign-in/passkey                                           anyone
POST    /sign-in/passkey                                           anyone
POST    /sign-in/passkey/options                                   anyone
POST    /sign-in/federated                                         anyone
GET     /sign-in/federated/callback                                anyone
POST    /sign-in/federated/logout                                  anyone
GET     /sign-out                                                  anyone
POST    /sign-out                                                  anyone
GET     /enrol                                                     anyone
POST    /enrol                                                     anyone
GET     /enrol/complete                                            anyone
POST    /enrol/complete                                            anyone
GET     /recover                                                   anyone
POST    /recover                                                   anyone
GET     /recover/complete                                          anyone
POST    /recover/complete                                          anyone

# One's own account.
GET     /account/step-up                                           oneself
POST    /account/step-up                                           oneself
POST    /account/step-up/options                                   oneself
GET     /account/security                                          oneself
GET     /account/security/password                                 oneself
POST    /account/security/password                                 oneself
GET     /account/security/recovery-codes                           oneself
POST    /account/security/recovery-codes                           oneself
GET     /account/security/recovery/stop                            oneself
POST    /account/security/recovery/stop                            oneself
GET     /account/security/devices                                  oneself
POST    /account/security/devices/forget                           oneself
POST    /account/security/devices/{device:uuid}/forget             oneself
POST    /account/security/sessions/others/end                      oneself
POST    /account/security/sessions/{session:uuid}/end              oneself
GET     /account/security/add                                      oneself
GET     /account/security/add/application                          oneself
POST    /account/security/add/application                          oneself
GET     /account/security/add/application/confirm                  oneself
POST    /account/security/add/application/confirm                  oneself
GET     /account/security/add/passkey                              oneself
POST    /account/security/add/passkey                              oneself
POST    /account/security/add/passkey/options                      oneself
GET     /account/security/factors/{factor:uuid}/remove             oneself
POST    /account/security/factors/{factor:uuid}/remove             oneself
GET     /account/security/identities                               oneself
POST    /account/security/identities/link                          oneself
GET     /account/security/identities/{link:uuid}/remove            oneself
POST    /account/security/identities/{link:uuid}/remove            oneself
GET     /account/keys                                              oneself
GET     /account/keys/new                                          professional, patient
POST    /account/keys/new                                          professional, patient
GET     /account/keys/{key:uuid}/revoke                            oneself
POST    /account/keys/{key:uuid}/revoke                            oneself

# People and teams of an organisation; nothing of a dossier.
GET     /administration                                            administrator
GET     /administration/people                                     administrator
GET     /administration/people/new                                 administrator
POST    /administration/people/new                                 administrator
GET     /administration/people/{account:uuid}                      administrator
GET     /administration/people/{account:uuid}/code                 administrator
POST    /administration/people/{account:uuid}/code                 administrator
GET     /administration/people/{account:uuid}/password             administrator
POST    /administration/people/{account:uuid}/password             administrator
GET     /administration/people/{account:uuid}/suspend              administrator
POST    /administration/people/{account:uuid}/suspend              administrator
POST    /administration/people/{account:uuid}/reinstate            administrator
GET     /administration/people/{account:uuid}/departure            administrator
POST    /administration/people/{account:uuid}/departure            administrator
POST    /administration/people/{account:uuid}/departure/withdraw   administrator
GET     /administration/people/{account:uuid}/wake                 administrator
POST    /administration/people/{account:uuid}/wake                 administrator
GET     /administration/sleeping                                   administrator
GET     /administration/recoveries                                 administrator, dpo
GET     /administration/people/{account:uuid}/recovery             administrator
POST    /administration/people/{account:uuid}/recovery             administrator
GET     /administration/recoveries/{account:uuid}/approve          administrator, dpo
POST    /administration/recoveries/{account:uuid}/approve          administrator, dpo
GET     /administration/recoveries/{account:uuid}/stop             administrator, dpo
POST    /administration/recoveries/{account:uuid}/stop             administrator, dpo
GET     /administration/teams                                      administrator
POST    /administration/teams                                      administrator
GET     /administration/teams/{team:uuid}                          administrator
GET     /administration/teams/{team:uuid}/members                  administrator
POST    /administration/teams/{team:uuid}/members                  administrator
POST    /administration/teams/{team:uuid}/members/{account:uuid}/end         administrator
POST    /administration/teams/{team:uuid}/members/{account:uuid}/head        administrator
POST    /administration/teams/{team:uuid}/members/{account:uuid}/head/end    administrator
POST    /administration/teams/{team:uuid}/rhythm                   administrator
GET     /administration/matrix                                     administrator, dpo
GET     /administration/matrix/versions/{version:int}              administrator, dpo
GET     /administration/matrix/edit                                administrator
GET     /administration/matrix/preview                             administrator
POST    /administration/matrix/adopt                               administrator
GET     /teams/{team:uuid}/review                                  administrator, head
POST    /teams/{team:uuid}/review                                  administrator, head

# Patients: found and listed, each by a decision; a dossier opened.
GET     /                                                          each
GET     /mine                                                      each
POST    /mine/notices                                              oneself
GET     /patients                                                  each
POST    /patients/find                                             each
GET     /patients/new                                              professional
POST    /patients/new                                              professional

# One dossier.
POST    /dossiers/{dossier:uuid}/join                              join-team dossier
GET     /dossiers/{dossier:uuid}/identity                          read identity
POST    /dossiers/{dossier:uuid}/identity                          amend identity
GET     /dossiers/{dossier:uuid}                                   list anywhere
GET     /dossiers/{dossier:uuid}/images                            list anywhere
GET     /dossiers/{dossier:uuid}/images/{entry:uuid}               list entry
GET     /dossiers/{dossier:uuid}/file                              read identity, file clinical
GET     /dossiers/{dossier:uuid}/trail                             read-trail dossier
GET     /dossiers/{dossier:uuid}/trail/bundle                      read-trail dossier
POST    /dossiers/{dossier:uuid}/trail/notices                     control dossier
GET     /dossiers/{dossier:uuid}/trail/contest/{trace:uuid}        control dossier, read-trail dossier
POST    /dossiers/{dossier:uuid}/trail/contest/{trace:uuid}        control dossier, read-trail dossier
GET     /dossiers/{dossier:uuid}/documents/{entry:uuid}            read entry
GET     /dossiers/{dossier:uuid}/documents/{entry:uuid}/history    read entry
GET     /dossiers/{dossier:uuid}/documents/{entry:uuid}/amend      read entry
POST    /dossiers/{dossier:uuid}/documents/{entry:uuid}/amend      read entry, amend entry
GET     /dossiers/{dossier:uuid}/documents/{entry:uuid}/withdraw   read entry
POST    /dossiers/{dossier:uuid}/documents/{entry:uuid}/withdraw   read entry, withdraw entry
GET     /dossiers/{dossier:uuid}/documents/{entry:uuid}/content    read entry
GET     /dossiers/{dossier:uuid}/documents/{entry:uuid}/preview/{page:place}    read entry
GET     /dossiers/{dossier:uuid}/documents/{entry:uuid}/frames/{frame:place}    read entry

# Who is around a dossier.
GET     /dossiers/{dossier:uuid}/access                            read circle
POST    /dossiers/{dossier:uuid}/access/admit                      manage-team dossier
POST    /dossiers/{dossier:uuid}/access/end                        manage-team dossier
POST    /dossiers/{dossier:uuid}/access/revoke                     share anywhere
POST    /dossiers/{dossier:uuid}/access/take-over                  share anywhere
GET     /dossiers/{dossier:uuid}/access/patient                    share identity
POST    /dossiers/{dossier:uuid}/access/patient                    share identity
POST    /dossiers/{dossier:uuid}/access/patient/code               share identity
GET     /dossiers/{dossier:uuid}/access/patient/{account:uuid}/wake             share identity
POST    /dossiers/{dossier:uuid}/access/patient/{account:uuid}/wake             share identity
GET     /dossiers/{dossier:uuid}/access/patient/{account:uuid}/recovery         share identity
POST    /dossiers/{dossier:uuid}/access/patient/{account:uuid}/recovery         share identity
GET     /dossiers/{dossier:uuid}/access/patient/{account:uuid}/recovery/stop    share identity
POST    /dossiers/{dossier:uuid}/access/patient/{account:uuid}/recovery/stop    share identity
GET     /dossiers/{dossier:uuid}/share                             read identity, share anywhere
POST    /dossiers/{dossier:uuid}/share                             read identity, share anywhere
GET     /dossiers/{dossier:uuid}/episodes                          read circle
POST    /dossiers/{dossier:uuid}/episodes                          manage-team dossier, file clinical
GET     /dossiers/{dossier:uuid}/episodes/{episode:uuid}/close     manage-team dossier, read circle
POST    /dossiers/{dossier:uuid}/episodes/{episode:uuid}/close     manage-team dossier, read anywhere
POST    /dossiers/{dossier:uuid}/episodes/{episode:uuid}/reopen    manage-team dossier, read anywhere

# The death of a patient; why each act was allowed or refused.
GET     /dossiers/{dossier:uuid}/death                             manage-team dossier, read circle
POST    /dossiers/{dossier:uuid}/death                             manage-team dossier, read circle
POST    /dossiers/{dossier:uuid}/death/retract                     manage-team dossier
GET     /dossiers/{dossier:uuid}/explanations                      read-trail dossier

# Who acts for a patient, and who may see what.
GET     /dossiers/{dossier:uuid}/access/relatives                  share identity
GET     /dossiers/{dossier:uuid}/access/relatives/new              share identity
POST    /dossiers/{dossier:uuid}/access/relatives/new              share identity
POST    /dossiers/{dossier:uuid}/access/relatives/code             share identity
POST    /dossiers/{dossier:uuid}/access/relatives/end              share identity
GET     /dossiers/{dossier:uuid}/control/trust                     control dossier
POST    /dossiers/{dossier:uuid}/control/trust                     control dossier
POST    /dossiers/{dossier:uuid}/control/trust/end                 control dossier
GET     /dossiers/{dossier:uuid}/control                           control dossier
POST    /dossiers/{dossier:uuid}/control/lift                      control dossier
GET     /dossiers/{dossier:uuid}/control/restrict                  control dossier
POST    /dossiers/{dossier:uuid}/control/restrict                  control dossier
GET     /dossiers/{dossier:uuid}/documents/{entry:uuid}/hide       control dossier, read entry
POST    /dossiers/{dossier:uuid}/documents/{entry:uuid}/hide       control dossier, read entry
GET     /dossiers/{dossier:uuid}/documents/{entry:uuid}/reserve    read entry, share entry
POST    /dossiers/{dossier:uuid}/documents/{entry:uuid}/reserve    read entry, share entry
GET     /mine/code                                                 patient
POST    /mine/code                                                 patient
POST    /mine/renounce                                             patient

# Emergencies: opened, told to the patient, looked at by whoever may look at this very opening.
GET     /dossiers/{dossier:uuid}/emergency                         open-emergency dossier, list identity
POST    /dossiers/{dossier:uuid}/emergency                         open-emergency dossier, list identity
POST    /dossiers/{dossier:uuid}/emergency/{opening:uuid}/end      list identity
POST    /dossiers/{dossier:uuid}/emergency/{opening:uuid}/read     control dossier
GET     /emergencies                                               professional, dpo
GET     /emergencies/{opening:uuid}                                oneself
POST    /emergencies/{opening:uuid}/words                          oneself
POST    /emergencies/{opening:uuid}/answer                         oneself
POST    /emergencies/{opening:uuid}/ask                            oneself
POST    /emergencies/{opening:uuid}/review                         oneself

# The read brake: what it asks of somebody, and the accounts that it stopped.
GET     /brake                                                     oneself
POST    /brake                                                     oneself
GET     /brake/frozen                                              oneself
GET     /brake/accounts                                            administrator, dpo
GET     /brake/accounts/{freeze:uuid}                              administrator, dpo
POST    /brake/accounts/{freeze:uuid}                              administrator, dpo

# Incidents, and who was touched: the officer of the organisation, for its own people and patients.
GET     /incidents                                                 dpo
POST    /incidents                                                 dpo
GET     /incidents/{incident:uuid}                                 dpo
POST    /incidents/{incident:uuid}                                 dpo
GET     /touched                                                   dpo
POST    /touched                                                   dpo
GET     /touched/{inquiry:uuid}                                    dpo
GET     /touched/{inquiry:uuid}/table.csv                          dpo
GET     /touched/{inquiry:uuid}/events.json                        dpo
POST    /touched/{inquiry:uuid}/letters                            dpo

# Bytes on their way in and out.
OPTIONS /uploads/                                                  anyone
OPTIONS /uploads/dossiers/{dossier:uuid}                           anyone
POST    /uploads/dossiers/{dossier:uuid}                           file anywhere
HEAD    /uploads/{upload:uuid}                                     oneself
PATCH   /uploads/{upload:uuid}                                     oneself
DELETE  /uploads/{upload:uuid}                                     oneself
PUT     /files/{dossier:uuid}/{reference:reference}                file anywhere
GET     /files/{dossier:uuid}/{reference:reference}                read entry
GET     /files/{dossier:uuid}                                      list anywhere

# Machines, by an access key of somebody.
GET     /fhir/metadata                                             anyone
GET     /fhir/Patient                                              oneself
POST    /fhir/Patient/_search                                      each
GET     /fhir/Patient/{patient:uuid}                               read identity
GET     /fhir/DocumentReference                                    list anywhere
POST    /fhir/DocumentReference/_search                            list anywhere
GET     /fhir/DocumentReference/{entry:uuid}                       read entry
GET     /fhir/Binary/{binary}                                      read entry
"""


def read_acts(table: str = TABLE) -> Mapping[str, Act]:
    """Return the act of each route, by its method and path set apart by one blank.

    Raises:
        ValueError: a line that names no such person, action or place, or a route named twice.
    """
    acts: dict[str, Act] = {}
    for line in filter(None, (one.partition("#")[0].strip() for one in table.splitlines())):
        method, path, said = line.split(maxsplit=2)
        if f"{method} {path}" in acts:
            raise ValueError(f"declared twice: {method} {path}")
        acts[f"{method} {path}"] = _act([part.split() for part in said.split(",")])
    return acts


def _act(parts: list[list[str]]) -> Act:
    who = frozenset(Who(part[0]) for part in parts if part[0] in list(Who))
    needs = tuple(_need(*part) for part in parts if part[0] not in list(Who))
    return Act(who or frozenset({Who.DECIDED}), needs)


def _need(action: str, where: str) -> Need:
    return Need(Action(action), Where(where) if where in list(Where) else Section(where))
