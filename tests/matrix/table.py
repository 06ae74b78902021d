"""Who may do what, written by hand and apart from the code: the table that the server is held against.

Nothing here is computed from `serment.access`: when a rule changes, somebody writes here what it means for each of
these people, and the server must agree on every route. To extend it: a new person is a row of `ORDINARY` (and of
`tests/matrix/world.py`), a new state is a block of `STATES` with the rows that differ, a new thing is a column.

In the columns of things:  L listed  R read  F more of its kind is filed  A amended  W withdrawn  S shared
In the column `acts`:      J joins the team  M manages it  T reads the trail  V sees who is around
                           C controls who sees the dossier  E opens it in an emergency
                           P finds the patient among their own  N finds them by a search
"""

from collections.abc import Mapping
from dataclasses import dataclass

THINGS = ("identity", "letter", "note", "image", "measure", "message", "secret", "gone")

#: Everybody around the dossier on an ordinary day. `letter`, `note` and `gone` are clinical; `note` is the nurse's
#: own, `gone` was withdrawn.
ORDINARY = """
                      identity letter  note    image   measure message secret  gone    acts
physician             LRFAWS   LRFAWS  LRFAWS  LRFAWS  LRFAWS  LRFAWS  LRFAWS  LRFAWS  JMTVPNE
nurse                 LRFAW    LRFAW   LRFAW   LRF     LRFAW   LRFAW   .       LRFAW   JMVPNE
secretary             LRFAW    F       F       F       .       F       .       F       JVPN
radiologist           LRFAWS   LRFAWS  LRFAWS  LRFAWS  .       LRFAWS  .       LRFAWS  JVPNE
biologist             LR       LRFAW   LRFAW   .       .       LRFAW   .       LRFAW   JVPN
pharmacist            LR       LRFAW   LRFAW   .       .       LRFAW   .       LRFAW   JVPNE
teammate              LRFAWS   LRFAWS  LRFAWS  LRFAWS  LRFAWS  LRFAWS  LRFAWS  LRFAWS  JMTVPNE
former                L        .       .       .       .       .       .       .       JNE
colleague             L        .       .       .       .       .       .       .       JNE
desk                  L        .       .       .       .       .       .       .       JN
rescuer               LR       .       .       .       LR      .       .       .       JPNE
expert                LR       LR      LR      .       .       .       .       LR      P
reader                LR       LR      .       .       .       .       .       .       P
unfit                 .        .       .       .       .       .       .       .       .
invited               LR       .       .       LR      .       .       .       .       P
late                  .        .       .       .       .       .       .       .       .
revoked               .        .       .       .       .       .       .       .       .
orphan                LR       LR      LR      .       .       .       .       LR      P
scholar               .        .       .       .       .       .       .       .       .
stranger              .        .       .       .       .       .       .       .       .
patient               LR       LRFS    LRFS    LRFS    LRFS    LRFS    LR      LRFS    TVPNC
guardian              LR       LRFS    LRFS    LRFS    LRFS    LRFS    LR      LRFS    TVPNC
confidant             LR       LR      LR      .       .       .       .       LR      PN
neighbour             .        .       .       .       .       .       .       .       .
administrator         .        .       .       .       .       .       .       .       .
dpo                   .        .       .       .       .       .       .       .       T
other administrator   .        .       .       .       .       .       .       .       .
other dpo             .        .       .       .       .       .       .       .       .
key of all            LR       LR      LR      LR      LR      LR      LR      LR      N
key of some           .        LR      LR      .       .       .       .       LR      .
key of nurse          LRF      LRF     LRF     LRF     LRF     LRF     .       LRF     N
key of expert         LR       LR      LR      .       .       .       .       LR      .
key of desk           L        .       .       .       .       .       .       .       N
key of patient        LR       LR      LR      LR      LR      LR      LR      LR      N
key of stranger       .        .       .       .       .       .       .       .       .
"""

#: Nobody is let in at all: no session, or one whose account is suspended.
OUTSIDE = ("nobody", "sleeper")

#: Who still sees what once the patient closed everything to professionals: those who filed it, what they filed.
_CLOSED = """
physician             LRFAWS   LRFAWS  F       LRFAWS  LRFAWS  LRFAWS  LRFAWS  LRFAWS  JMTVPNE
nurse                 LRFAW    F       LRFAW   F       F       F       .       F       JMVPNE
radiologist           LRFAWS   F       F       F       .       F       .       F       JVPNE
biologist             LR       F       F       .       .       F       .       F       JVPN
pharmacist            LR       F       F       .       .       F       .       F       JVPNE
teammate              LRFAWS   F       F       F       F       F       F       F       JMTVPNE
rescuer               LR       .       .       .       .       .       .       .       JPNE
expert                LR       .       .       .       .       .       .       .       P
reader                LR       .       .       .       .       .       .       .       P
invited               LR       .       .       .       .       .       .       .       P
orphan                LR       .       .       .       .       .       .       .       P
key of all            LR       LR      .       LR      LR      LR      LR      LR      N
key of some           .        LR      .       .       .       .       .       LR      .
key of nurse          LRF      F       LRF     F       F       F       .       F       N
key of expert         LR       .       .       .       .       .       .       .       .
"""
#: What is otherwise in each state: only the rows that differ. `tests/matrix/states.py` brings each about.
STATES: Mapping[str, str] = {
    "ordinary": "",
    "the team has left": """
teammate              L        .       .       .       .       .       .       .       JNE
""",
    "the nurse has left the care": """
nurse                 L        .       .       .       .       .       .       .       JNE
key of nurse          L        .       .       .       .       .       .       .       N
""",
    "somebody has joined": """
colleague             LRFAWS   LRFAWS  LRFAWS  LRFAWS  LRFAWS  LRFAWS  LRFAWS  LRFAWS  JMTVPNE
desk                  LRFAW    F       F       F       .       F       .       F       JVPN
key of desk           LR       .       .       .       .       .       .       .       N
""",
    "the openings are closed": """
expert                .        .       .       .       .       .       .       .       .
reader                .        .       .       .       .       .       .       .       .
invited               .        .       .       .       .       .       .       .       .
orphan                .        .       .       .       .       .       .       .       .
key of expert         .        .       .       .       .       .       .       .       .
""",
    "the openings have ended": """
expert                .        .       .       .       .       .       .       .       .
reader                .        .       .       .       .       .       .       .       .
invited               .        .       .       .       .       .       .       .       .
orphan                .        .       .       .       .       .       .       .       .
key of expert         .        .       .       .       .       .       .       .       .
""",
    "who answered for an opening has left": """
teammate              out
orphan                .        .       .       .       .       .       .       .       .
""",
    "more was opened": """
reader                LR       LR      .       LR      .       .       .       .       P
stranger              LR       .       .       .       .       LR      .       .       P
key of stranger       LR       .       .       .       .       LR      .       .       .
colleague             LR       .       LR      .       .       .       .       .       JPNE
""",
    "the physician has left": """
physician             out
expert                .        .       .       .       .       .       .       .       .
reader                .        .       .       .       .       .       .       .       .
invited               .        .       .       .       .       .       .       .       .
key of all            out
key of some           out
key of expert         .        .       .       .       .       .       .       .       .
""",
    "a document is closed to professionals": """
physician             LRFAWS   LRFAWS  F       LRFAWS  LRFAWS  LRFAWS  LRFAWS  LRFAWS  JMTVPNE
secretary             LRFAW    F       F       F       .       F       .       F       JVPN
radiologist           LRFAWS   LRFAWS  F       LRFAWS  .       LRFAWS  .       LRFAWS  JVPNE
biologist             LR       LRFAW   F       .       .       LRFAW   .       LRFAW   JVPN
pharmacist            LR       LRFAW   F       .       .       LRFAW   .       LRFAW   JVPNE
teammate              LRFAWS   LRFAWS  F       LRFAWS  LRFAWS  LRFAWS  LRFAWS  LRFAWS  JMTVPNE
expert                LR       LR      .       .       .       .       .       LR      P
orphan                LR       LR      .       .       .       .       .       LR      P
key of all            LR       LR      .       LR      LR      LR      LR      LR      N
key of some           .        LR      .       .       .       .       .       LR      .
key of expert         LR       LR      .       .       .       .       .       LR      .
""",
    "a section is closed to professionals": """
physician             LRFAWS   LRFAWS  F       LRFAWS  LRFAWS  LRFAWS  LRFAWS  LRFAWS  JMTVPNE
nurse                 LRFAW    F       LRFAW   LRF     LRFAW   LRFAW   .       F       JMVPNE
radiologist           LRFAWS   F       F       LRFAWS  .       LRFAWS  .       F       JVPNE
biologist             LR       F       F       .       .       LRFAW   .       F       JVPN
pharmacist            LR       F       F       .       .       LRFAW   .       F       JVPNE
teammate              LRFAWS   F       F       LRFAWS  LRFAWS  LRFAWS  LRFAWS  F       JMTVPNE
expert                LR       .       .       .       .       .       .       .       P
reader                LR       .       .       .       .       .       .       .       P
orphan                LR       .       .       .       .       .       .       .       P
key of all            LR       LR      .       LR      LR      LR      LR      LR      N
key of some           .        LR      .       .       .       .       .       LR      .
key of nurse          LRF      F       LRF     LRF     LRF     LRF     .       F       N
key of expert         LR       .       .       .       .       .       .       .       .
""",
    "everything is closed to professionals": _CLOSED,
    "a section is closed to the nurse": """
nurse                 LRFAW    F       LRFAW   LRF     LRFAW   LRFAW   .       F       JMVPNE
key of nurse          LRF      F       LRF     LRF     LRF     LRF     .       F       N
""",
    "a document is closed to the expert": """
expert                LR       .       LR      .       .       .       .       LR      P
key of expert         LR       .       LR      .       .       .       .       LR      .
""",
    "everything is closed to relatives": """
guardian              LR       F       F       F       F       F       .       F       TVPNC
confidant             LR       .       .       .       .       .       .       .       PN
""",
    "everything is closed to the guardian": """
guardian              LR       F       F       F       F       F       .       F       TVPNC
""",
    "a document is reserved to the patient": """
guardian              LR       F       LRFS    LRFS    LRFS    LRFS    LR      LRFS    TVPNC
confidant             LR       .       LR      .       .       .       .       LR      PN
""",
    "nobody acts for the patient any more": """
guardian              .        .       .       .       .       .       .       .       .
confidant             .        .       .       .       .       .       .       .       .
""",
    "the patient has died": """
patient               .        .       .       .       .       .       .       .       .
guardian              .        .       .       .       .       .       .       .       .
confidant             .        .       .       .       .       .       .       .       .
key of patient        .        .       .       .       .       .       .       .       .
""",
    "an emergency is open": """
colleague             LR       LR      LR      .       .       .       LR      LR      JNE
""",
    "a vital emergency is open behind closed doors": _CLOSED
    + """
colleague             LR       LR      LR      .       .       .       LR      LR      JNE
""",
    "another emergency is open behind closed doors": _CLOSED
    + """
colleague             LR       .       .       .       .       .       .       .       JNE
""",
    "a vital emergency is open of somebody kept away": """
colleague             LR       .       .       .       .       .       LR      .       JNE
""",
    "who gave an opening is kept away": """
teammate              LRFAWS   F       F       LRFAWS  LRFAWS  LRFAWS  LRFAWS  F       JMTVPNE
orphan                LR       .       .       .       .       .       .       .       P
""",
    "the brake stopped the physician": """
physician             held
key of all            held
key of some           held
""",
    "another matrix was adopted": """
physician             LRFAWS   LRFAWS  LRFAWS  LRFAWS  LRFAWS  LRFAWS  LRFAWS  LRFAWS  JMVPNE
teammate              LRFAWS   LRFAWS  LRFAWS  LRFAWS  LRFAWS  LRFAWS  LRFAWS  LRFAWS  JMVPNE
nurse                 LRFAW    LRFAW   LRFAW   LRFAW   LRFAW   LRFAW   .       LRFAW   JTVPNE
secretary             LRFAW    F       F       .       .       F       .       F       JVPN
biologist             LR       LRFAW   LRFAW   .       .       .       .       LRFAW   JVPN
""",
}

#: Another dossier of the same house, in the care of `former`; one of the other house, in that of `stranger`; none.
#: Its documents are those of the first, which are not in it.
ELSEWHERE: Mapping[str, str] = {
    "other": """
                      identity letter  note    image   measure message secret  gone    acts
former                LRFAWS   F       F       F       F       F       F       F       JMTVPNE
physician             L        .       .       .       .       .       .       .       JNE
nurse                 L        .       .       .       .       .       .       .       JNE
secretary             L        .       .       .       .       .       .       .       JN
radiologist           L        .       .       .       .       .       .       .       JNE
biologist             L        .       .       .       .       .       .       .       JN
pharmacist            L        .       .       .       .       .       .       .       JNE
teammate              L        .       .       .       .       .       .       .       JNE
colleague             L        .       .       .       .       .       .       .       JNE
desk                  L        .       .       .       .       .       .       .       JN
rescuer               L        .       .       .       .       .       .       .       JNE
dpo                   .        .       .       .       .       .       .       .       T
key of all            L        .       .       .       .       .       .       .       N
key of nurse          L        .       .       .       .       .       .       .       N
key of desk           L        .       .       .       .       .       .       .       N
""",
    "foreign": """
                      identity letter  note    image   measure message secret  gone    acts
stranger              LRFAWS   F       F       F       F       F       F       F       JMTVPNE
expert                L        .       .       .       .       .       .       .       JNE
reader                L        .       .       .       .       .       .       .       JNE
unfit                 L        .       .       .       .       .       .       .       JNE
invited               L        .       .       .       .       .       .       .       JNE
late                  L        .       .       .       .       .       .       .       JNE
revoked               L        .       .       .       .       .       .       .       JNE
orphan                L        .       .       .       .       .       .       .       JNE
scholar               L        .       .       .       .       .       .       .       JNE
other dpo             .        .       .       .       .       .       .       .       T
key of stranger       LR       .       .       .       .       .       .       .       N
key of expert         L        .       .       .       .       .       .       .       N
""",
    "absent": """
                      identity letter  note    image   measure message secret  gone    acts
""",
}

#: What is no act on a dossier, by what the route declares of who may ask:
#:   o  let in     -  absent     and, after a slash, where the address names a person or a team of house A, or
#:   something of the physician's own.
ROLES = """
                      oneself  professional  professional+patient  administrator  administrator+dpo  administrator+head
physician             o/o      o             o                     -/-            -/-                -/-
nurse                 o/-      o             o                     -/-            -/-                -/o
secretary             o/-      o             o                     -/-            -/-                -/-
stranger              o/-      o             o                     -/-            -/-                -/-
patient               o/-      -             o                     -/-            -/-                -/-
administrator         o/-      -             -                     o/o            o/o                -/o
dpo                   o/-      -             -                     -/-            o/o                -/-
other administrator   o/-      -             -                     o/-            o/-                -/-
other dpo             o/-      -             -                     -/-            o/-                -/-
rescuer               o/-      o             o                     -/-            -/-                -/-
"""
#: Single cells that are otherwise, each with its reason: who (or everybody), the route, and the word.
OTHERWISE: Mapping[tuple[str, str], str] = {
    # An opener of a recovery is not its second person.
    ("administrator", "POST /administration/recoveries/{account:uuid}/approve"): "absent",
    # A list of one's own organisation, whatever the address names: where the browser goes back to.
    ("other administrator", "GET /administration/recoveries/{account:uuid}/stop"): "in",
    ("other dpo", "GET /administration/recoveries/{account:uuid}/stop"): "in",
    # Who named their trusted person ends it; a guardian does not, and names none.
    ("guardian", "GET /dossiers/{dossier:uuid}/control/trust"): "absent",
    ("guardian", "POST /dossiers/{dossier:uuid}/control/trust"): "absent",
    ("guardian", "POST /dossiers/{dossier:uuid}/control/trust/end"): "absent",
    # An emergency opening is its owner's, and of whoever looks at it afterwards.
    ("rescuer", "GET /emergencies/{opening:uuid}"): "in",
    ("rescuer", "POST /emergencies/{opening:uuid}/words"): "in",
    ("dpo", "GET /emergencies/{opening:uuid}"): "in",
    ("dpo", "POST /emergencies/{opening:uuid}/ask"): "in",
    ("dpo", "POST /emergencies/{opening:uuid}/review"): "in",
    # What is not there is ended already: the same answer, whoever's it is (test_elsewhere.py: nothing of it ends).
    ("*", "POST /account/security/devices/{device:uuid}/forget"): "in",
    ("*", "POST /account/security/sessions/{session:uuid}/end"): "in",
}

#: Acts that give rights, take a closing back or open in an emergency: who may, proves a factor again within minutes.
CONFIRMED = frozenset({
    "GET /dossiers/{dossier:uuid}/access/patient", "POST /dossiers/{dossier:uuid}/access/patient",
    "POST /dossiers/{dossier:uuid}/access/patient/code",
    "GET /dossiers/{dossier:uuid}/access/patient/{account:uuid}/wake",
    "POST /dossiers/{dossier:uuid}/access/patient/{account:uuid}/wake",
    "GET /dossiers/{dossier:uuid}/access/patient/{account:uuid}/recovery",
    "POST /dossiers/{dossier:uuid}/access/patient/{account:uuid}/recovery",
    "GET /dossiers/{dossier:uuid}/access/patient/{account:uuid}/recovery/stop",
    "GET /dossiers/{dossier:uuid}/access/relatives/new", "POST /dossiers/{dossier:uuid}/access/relatives/new",
    "POST /dossiers/{dossier:uuid}/access/relatives/code", "POST /dossiers/{dossier:uuid}/share",
    "GET /dossiers/{dossier:uuid}/control/trust", "POST /dossiers/{dossier:uuid}/control/trust",
    "POST /dossiers/{dossier:uuid}/control/lift", "POST /dossiers/{dossier:uuid}/death/retract",
    "POST /dossiers/{dossier:uuid}/emergency",
})  # fmt: skip
#: Of these, those that ask it of whoever is signed in, before they look whose dossier it is: that tells nothing.
CONFIRMED_BY_ALL = frozenset({
    "POST /dossiers/{dossier:uuid}/control/lift", "POST /dossiers/{dossier:uuid}/access/relatives/code",
})  # fmt: skip


@dataclass(frozen=True)
class Row:
    """What one person reaches in one state: the letters of each thing, and those of the acts on the whole."""

    things: Mapping[str, frozenset[str]]
    acts: frozenset[str]
    #: Instead of all that: `out`, not signed in any more; `held`, stopped by the read brake.
    instead: str = ""

    @property
    def out(self) -> bool:
        """True for whoever no session lets in."""
        return self.instead == "out"


_NOTHING = Row(dict.fromkeys(THINGS, frozenset()), frozenset())


def rows_in(state: str) -> Mapping[str, Row]:
    """Return every row of the dossier that the matrix is about, in a state."""
    return {
        **_read(ORDINARY),
        **dict.fromkeys(OUTSIDE, Row({}, frozenset(), "out")),
        **_read(STATES[state]),
    }


def differing(state: str) -> Mapping[str, Row]:
    """Return the rows that are otherwise in a state than on an ordinary day."""
    return _read(STATES[state])


def rows_of(place: str) -> Mapping[str, Row]:
    """Return every row of a dossier elsewhere, on an ordinary day."""
    nobody = dict.fromkeys(_read(ORDINARY), _NOTHING)
    return {**nobody, **dict.fromkeys(OUTSIDE, Row({}, frozenset(), "out")), **_read(ELSEWHERE[place])}


def roles() -> Mapping[str, Mapping[str, str]]:
    """Return the table of what is no act on a dossier: by person, then by who may ask."""
    head, *lines = filter(None, (line.strip() for line in ROLES.splitlines()))
    table = {}
    for line in lines:
        name, _, cells = line.partition("  ")
        table[name] = dict(zip(head.split(), cells.split(), strict=True))
    return table


def _read(text: str) -> dict[str, Row]:
    rows = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        name, _, cells = line.partition("  ")
        if name != "identity letter":
            rows[name] = _row(cells.split())
    return rows


def _row(cells: list[str]) -> Row:
    if len(cells) == 1:
        return Row({}, frozenset(), cells[0])
    *things, acts = (frozenset(cell.strip(".")) for cell in cells)
    return Row(dict(zip(THINGS, things, strict=True)), acts)
