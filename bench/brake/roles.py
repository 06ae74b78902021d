"""Fifty people and what each does on a busy day: how many dossiers, new patients, names and bytes, when, how many days.

The figures are orders of magnitude of French practice: 25 to 60 consultations a day in a practice, 30 to 55 arrivals a
shift in an emergency department, 60 to 150 examinations read, 300 to 500 biological reports signed. A busy day is the
upper end of each.
"""

from dataclasses import dataclass

from serment.identity import Profession, Role


@dataclass(frozen=True)
class Work:
    """One person's busy day: `dossiers` opened of their own patients, and how the day goes."""

    title: str
    profession: Profession
    dossiers: int
    joins: int = 2
    names: int = 20
    megabytes: int = 200
    begins_hour: int = 8
    hours: int = 10
    days: int = 5
    panel: int = 1500
    role: Role = Role.PROFESSIONAL


_DOCTOR, _NURSE, _IMAGES = Profession.PHYSICIAN, Profession.NURSE, Profession.RADIOLOGIST
_LABORATORY, _PHARMACY, _DESK = Profession.BIOLOGIST, Profession.PHARMACIST, Profession.SECRETARY

ROLES: tuple[Work, ...] = (
    Work("general practitioner, winter epidemic", _DOCTOR, 62, joins=6, names=30, hours=12),
    Work("general practitioner, alone in a valley", _DOCTOR, 75, joins=4, names=30, hours=13, days=6),
    Work("general practitioner, half time", _DOCTOR, 30, days=3),
    Work("locum without patients of their own", _DOCTOR, 45, joins=24, names=80),
    Work("on call for four practices", _DOCTOR, 40, joins=22, names=90, hours=12, days=2),
    Work("cardiologist", _DOCTOR, 34, joins=6, megabytes=1500),
    Work("diabetologist", _DOCTOR, 38, joins=4),
    Work("paediatrician", _DOCTOR, 45, joins=6),
    Work("psychiatrist", _DOCTOR, 16, joins=1, names=8),
    Work("gynaecologist", _DOCTOR, 38, joins=5, megabytes=900),
    Work("ophthalmologist with assistants", _DOCTOR, 80, joins=10, megabytes=1800),
    Work("dermatologist", _DOCTOR, 48, joins=8, megabytes=700),
    Work("anaesthetist, consultations", _DOCTOR, 32, joins=8),
    Work("surgeon, theatre and ward", _DOCTOR, 36, joins=4, megabytes=2500),
    Work("emergency physician, day", _DOCTOR, 48, joins=8, names=70, hours=12, days=4),
    Work("emergency physician, night", _DOCTOR, 40, joins=8, names=60, begins_hour=20, hours=11, days=3),
    Work("intensive care physician, 24 hours", _DOCTOR, 30, joins=2, hours=23, days=2, panel=40),
    Work("hospital physician, round and meeting", _DOCTOR, 55, joins=2, panel=120),
    Work("oncologist, tumour board day", _DOCTOR, 70, joins=10, megabytes=3500),
    Work("geriatrician, nursing home round", _DOCTOR, 85, joins=3, panel=110, hours=9),
    Work("occupational physician", _DOCTOR, 26, joins=8),
    Work("physician of medical information", _DOCTOR, 100, joins=10, names=40, hours=8),
    Work("radiologist, CT and MRI", _IMAGES, 95, joins=6, megabytes=60_000),
    Work("radiologist, plain films", _IMAGES, 150, joins=8, megabytes=12_000),
    Work("radiologist on call for three hospitals", _IMAGES, 70, joins=18, megabytes=45_000, begins_hour=20),
    Work("radiologist, breast screening", _IMAGES, 130, joins=4, megabytes=30_000, days=4),
    Work("biologist, routine signing", _LABORATORY, 480, joins=6, megabytes=400),
    Work("biologist, bacteriology", _LABORATORY, 160, joins=4),
    Work("biologist on call", _LABORATORY, 220, joins=3, begins_hour=19, hours=12),
    Work("nurse, medical ward, day", _NURSE, 32, joins=2, panel=60, hours=12, days=4),
    Work("nurse, medical ward, night", _NURSE, 40, joins=1, panel=60, begins_hour=20, hours=11, days=4),
    Work("nurse, emergency triage", _NURSE, 70, joins=12, names=110, hours=12, days=4),
    Work("nurse, at home, morning round", _NURSE, 38, joins=2, begins_hour=6, hours=12, days=6, panel=120),
    Work("nurse, vaccination day", _NURSE, 110, joins=18, names=90, hours=10, days=2),
    Work("nurse, dialysis", _NURSE, 28, joins=1, panel=48),
    Work("nurse, coordination of care", _NURSE, 55, joins=8),
    Work("nurse, operating theatre", _NURSE, 16, joins=4),
    Work("midwife on the ward", _NURSE, 30, joins=3, hours=12, days=4),
    Work("pharmacist, town, epidemic", _PHARMACY, 190, joins=22, names=150, days=6),
    Work("pharmacist, hospital, validation", _PHARMACY, 210, joins=4, panel=400),
    Work("pharmacist, reconciliation", _PHARMACY, 45, joins=10),
    Work("secretary, front desk of six doctors", _DESK, 240, joins=20, names=420, hours=10),
    Work("secretary, alone with one doctor", _DESK, 80, joins=8, names=120),
    Work("secretary, emergency desk", _DESK, 160, joins=50, names=380, hours=12, days=4),
    Work("secretary, radiology reception", _DESK, 220, joins=28, names=350),
    Work("secretary, medical archive", _DESK, 300, joins=30, names=300, hours=8),
    Work("secretary, telephone platform", _DESK, 150, joins=10, names=700),
    Work("secretary, typing pool", _DESK, 130, joins=5, names=60),
    Work("data protection officer, yearly audit", Profession.NONE, 70, joins=0, names=0, role=Role.DPO),
    Work("nurse manager, three wards", _NURSE, 75, joins=8, panel=180),
)
