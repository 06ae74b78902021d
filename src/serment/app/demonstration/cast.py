"""The invented cast: organisations, professionals and the table of patients."""

from dataclasses import dataclass

from serment.app.demonstration.model import Organisation, Place, Professional, Team

PRACTICE = "maison-de-sante"
HOSPITAL = "cardiologie"

# Numbers in 02 61 91 and 06 39 98 are kept for works of fiction; no post office has 00 as department; FINESS
# and RPPS are in the test ranges (0B0…, 8997…); `.example` never resolves.
ORGANISATIONS = (
    Organisation(
        key=PRACTICE,
        name="Maison de santé des Bords de Lorenne",
        subtitle="Maison de santé pluriprofessionnelle",
        place=Place(
            ("4, place du Vieux-Lavoir",),
            "00420 Saint-Aubrac-sur-Lorenne",
            "02 61 91 40 10",
            "accueil@bords-de-lorenne.example",
        ),
        finess="0B0420117",
        colour="#1f6f63",
    ),
    Organisation(
        key=HOSPITAL,
        name="Centre hospitalier de Valorme",
        subtitle="Service de cardiologie",
        place=Place(
            ("Avenue des Grands-Tilleuls", "Bâtiment B, 2e étage"),
            "00100 Valorme",
            "02 61 91 72 00",
            "cardiologie@ch-valorme.example",
        ),
        finess="0B0100034",
        colour="#23508c",
    ),
)


def _person(key: str, organisation: str, profession: str, name: str, speciality: str) -> Professional:
    """Build one professional; `name` reads "title|given name|family name|role"."""
    title, given, family, role = name.split("|")
    return Professional(
        key=key,
        login=key,
        organisation=organisation,
        profession=profession,
        role=role,
        title=title,
        given_name=given,
        family_name=family,
        speciality=speciality,
        rpps="",
    )


PROFESSIONALS = (
    _person("claire.moreau", PRACTICE, "physician", "Dr|Claire|Moreau|professional", "Médecine générale"),
    _person("karim.benali", PRACTICE, "physician", "Dr|Karim|Benali|professional", "Médecine générale"),
    _person(
        "sophie.lambert", PRACTICE, "nurse", "|Sophie|Lambert|professional", "Infirmière diplômée d'État"
    ),
    _person(
        "philippe.garnier", PRACTICE, "biologist", "Dr|Philippe|Garnier|professional", "Biologie médicale"
    ),
    _person(
        "anne-laure.vidal",
        PRACTICE,
        "radiologist",
        "Dr|Anne-Laure|Vidal|professional",
        "Radiodiagnostic et imagerie médicale",
    ),
    _person(
        "emilie.rousseau", PRACTICE, "pharmacist", "|Émilie|Rousseau|professional", "Docteure en pharmacie"
    ),
    _person("nathalie.picard", PRACTICE, "secretary", "|Nathalie|Picard|professional", "Secrétariat médical"),
    _person(
        "julien.fabre", PRACTICE, "none", "|Julien|Fabre|administrator", "Coordination de la maison de santé"
    ),
    _person(
        "antoine.lefevre",
        HOSPITAL,
        "physician",
        "Dr|Antoine|Lefèvre|professional",
        "Cardiologie et maladies vasculaires",
    ),
    _person("ines.haddad", HOSPITAL, "physician", "Dr|Inès|Haddad|professional", "Cardiologie, rythmologie"),
    _person("mathieu.caron", HOSPITAL, "radiologist", "Dr|Mathieu|Caron|professional", "Imagerie médicale"),
    _person("helene.renault", HOSPITAL, "biologist", "Dr|Hélène|Renault|professional", "Biologie médicale"),
    _person(
        "marie-christine.boyer",
        HOSPITAL,
        "nurse",
        "|Marie-Christine|Boyer|professional",
        "Infirmière, insuffisance cardiaque",
    ),
    _person(
        "thomas.girard", HOSPITAL, "none", "|Thomas|Girard|administrator", "Système d'information hospitalier"
    ),
    _person(
        "isabelle.chevalier",
        HOSPITAL,
        "none",
        "|Isabelle|Chevalier|dpo",
        "Déléguée à la protection des données",
    ),
)

TEAMS = (
    Team(
        "equipe-de-soins-primaires",
        PRACTICE,
        "Équipe de soins primaires",
        ("claire.moreau", "karim.benali", "sophie.lambert"),
    ),
    Team(
        "suivi-insuffisance-cardiaque",
        HOSPITAL,
        "Suivi de l'insuffisance cardiaque",
        ("antoine.lefevre", "marie-christine.boyer"),
    ),
    Team("rythmologie", HOSPITAL, "Rythmologie", ("ines.haddad", "marie-christine.boyer")),
)


@dataclass(frozen=True)
class Role:
    """One row of the table of patients, before dates and numbers are drawn."""

    sex: str
    given: str
    birth_name: str
    used_name: str
    age: int
    story: str
    where: str
    login: bool = False


def _role(row: str) -> Role:
    sex, given, names, age, story, where, *rest = (cell.strip() for cell in row.split("|"))
    birth_name, _, used_name = names.partition(" ép. ")
    return Role(sex, given, birth_name, used_name or birth_name, int(age), story, where, "compte" in rest)


# Near-names on purpose: Dupont and Dupond, two Jean Martin, Lefebvre and Lefèvre, Marie Petit twice, twins Rousselot.
# where: p = practice, h = hospital; the first letter is the dossier where the story is told.
_TABLE = """
F | Marie, Louise          | Bertin ép. Dupont       | 71 | hypertension        | p  | compte
F | Marie                  | Sauvage ép. Dupond      | 70 | diabetes            | p
M | Jean, Marcel           | Martin                  | 74 | heart_failure       | hp | compte
M | Jean, Claude           | Martin                  | 68 | copd                | p
F | Camille                | Lefebvre                | 31 | pregnancy           | p  | compte
F | Camille, Rose          | Lefèvre                 | 33 | asthma              | p
F | Marie, Thérèse         | Petit                   | 83 | leg_ulcer           | p
F | Marie, Odile           | Renard ép. Petit        | 79 | atrial_fibrillation | hp
F | Léa                    | Rousselot               | 3  | vaccination         | p
F | Lina                   | Rousselot               | 3  | vaccination         | p
M | Bernard                | Faucher                 | 66 | infarct             | hp
M | Mohamed                | Ouali                   | 58 | infarct             | hp
M | Patrick                | Delmas                  | 61 | infarct             | h
F | Simone                 | Gaillard ép. Roche      | 86 | heart_failure       | hp
M | André                  | Tessier                 | 80 | heart_failure       | h
M | Gérard                 | Blanchet                | 77 | atrial_fibrillation | hp
F | Danielle               | Marchand ép. Noël       | 72 | atrial_fibrillation | h
M | Christian              | Aubry                   | 64 | pulmonary_nodule    | p
F | Yvette                 | Pasquier ép. Colin      | 69 | copd                | p
M | Alain                  | Guérin                  | 63 | diabetes            | p
F | Fatima                 | Belkacem ép. Haddou     | 55 | diabetes            | p
M | Thierry                | Maillard                | 52 | diabetes            | p
M | Olivier                | Perrot                  | 49 | hypertension        | p
F | Sylvie                 | Charpentier ép. Morin   | 60 | hypertension        | p
M | José                   | Da Costa                | 67 | hypertension        | p
F | Aurélie                | Vasseur                 | 28 | pregnancy           | p
F | Aminata                | Diallo ép. Traoré       | 35 | pregnancy           | p
M | Hugo                   | Lacroix                 | 24 | knee_injury         | p
F | Élodie                 | Prévost                 | 38 | knee_injury         | p
M | Nicolas                | Barbier                 | 45 | knee_injury         | p
F | Chloé                  | Meunier                 | 19 | asthma              | p
M | Enzo                   | Collet                  | 11 | asthma              | p
F | Martine                | Leclercq ép. Huet       | 57 | thyroid             | p
F | Sandrine               | Poulain                 | 44 | thyroid             | p
M | Nathan                 | Weber                   | 1  | vaccination         | p
M | René                   | Cordier                 | 88 | leg_ulcer           | p
F | Julie                  | Arnaud                  | 41 | mole                | p
M | Vincent                | Lemoine                 | 36 | depression          | p
F | Nadia                  | Cherif                  | 47 | headache            | p
M | Lucas                  | Ferreira                | 29 | mole                | p
"""

ROLES = tuple(_role(row) for row in _TABLE.strip().splitlines())
