"""What a laboratory measures: units, reference ranges, and results that stay coherent from one time to the next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from serment.app.demonstration.blocks import Block


@dataclass(frozen=True)
class Analyte:
    """One examination; the range is for an adult, `digits` are the decimals shown, None is an open bound."""

    name: str
    unit: str
    low: float | None
    high: float | None
    digits: int

    def show(self, value: float) -> str:
        """Write a value as a French laboratory does."""
        return f"{value:.{self.digits}f}".replace(".", ",")

    @property
    def reference(self) -> str:
        """The reference range in words."""
        if self.low is None and self.high is None:
            return ""
        if self.low is None:
            return f"inférieur à {self.show(self.high or 0)}"
        if self.high is None:
            return f"supérieur à {self.show(self.low)}"
        return f"{self.show(self.low)} à {self.show(self.high)}"

    def flag(self, value: float) -> str:
        """Return an arrow for a value outside its range."""
        shown = round(value, self.digits)
        if self.high is not None and shown > self.high:
            return "\N{UPWARDS ARROW}"
        return "\N{DOWNWARDS ARROW}" if self.low is not None and shown < self.low else ""


ANALYTES: Mapping[str, Analyte] = {
    "hb": Analyte("Hémoglobine", "g/dL", 12.0, 16.5, 1),
    "hct": Analyte("Hématocrite", "%", 36.0, 49.0, 1),
    "rbc": Analyte("Hématies", "T/L", 3.9, 5.7, 2),
    "mcv": Analyte("VGM", "fL", 80.0, 98.0, 0),
    "wbc": Analyte("Leucocytes", "G/L", 4.0, 10.0, 1),
    "neut": Analyte("Polynucléaires neutrophiles", "G/L", 1.5, 7.0, 2),
    "eos": Analyte("Polynucléaires éosinophiles", "G/L", 0.04, 0.5, 2),
    "plt": Analyte("Plaquettes", "G/L", 150.0, 400.0, 0),
    "na": Analyte("Sodium", "mmol/L", 136.0, 145.0, 0),
    "k": Analyte("Potassium", "mmol/L", 3.5, 5.0, 1),
    "crea": Analyte("Créatinine", "µmol/L", 50.0, 104.0, 0),
    "egfr": Analyte("DFG estimé (CKD-EPI 2009)", "mL/min/1,73 m²", 60.0, None, 0),
    "glu": Analyte("Glycémie à jeun", "g/L", 0.70, 1.10, 2),
    "hba1c": Analyte("HbA1c", "%", 4.0, 6.0, 1),
    "uacr": Analyte("Albuminurie / créatininurie", "mg/mmol", None, 3.0, 1),
    "chol": Analyte("Cholestérol total", "g/L", None, 2.00, 2),
    "hdl": Analyte("HDL-cholestérol", "g/L", 0.40, None, 2),
    "ldl": Analyte("LDL-cholestérol (calculé)", "g/L", None, 1.30, 2),
    "tg": Analyte("Triglycérides", "g/L", None, 1.50, 2),
    "tsh": Analyte("TSH", "mUI/L", 0.40, 4.00, 2),
    "t4": Analyte("T4 libre", "pmol/L", 9.0, 19.0, 1),
    "bnp": Analyte("NT-proBNP", "ng/L", None, 300.0, 0),
    "tropo": Analyte("Troponine T ultrasensible", "ng/L", None, 14.0, 0),
    "crp": Analyte("CRP", "mg/L", None, 5.0, 1),
    "inr": Analyte("INR", "", 2.0, 3.0, 1),
    "ferritin": Analyte("Ferritine", "µg/L", 15.0, 150.0, 0),
    "alt": Analyte("ALAT", "UI/L", None, 41.0, 0),
    "ggt": Analyte("Gamma-GT", "UI/L", None, 55.0, 0),
    "ige": Analyte("IgE totales", "kUI/L", None, 114.0, 0),
    "vitd": Analyte("25-OH vitamine D", "nmol/L", 75.0, 150.0, 0),
    "albumin": Analyte("Albumine", "g/L", 35.0, 52.0, 1),
    "prealb": Analyte("Préalbumine", "g/L", 0.20, 0.40, 2),
    "ddimer": Analyte("D-dimères", "µg/L", None, 500.0, 0),
}

BLOOD_COUNT = ("hb", "hct", "rbc", "mcv", "wbc", "neut", "eos", "plt")
KIDNEY = ("na", "k", "crea", "egfr")
LIPIDS = ("chol", "hdl", "ldl", "tg")
_SPREAD = 0.16


def draw(analyte: Analyte, chance: Random) -> float:
    """Return an ordinary value, well inside its range."""
    low = analyte.low if analyte.low is not None else (analyte.high or 0) * 0.35
    high = analyte.high if analyte.high is not None else low * 1.5
    return min(high, max(low, chance.gauss((low + high) / 2, (high - low) * _SPREAD)))


def measure(codes: Sequence[str], given: Mapping[str, float], chance: Random) -> dict[str, float]:
    """Return a value for each code: the given one where the story sets it, an ordinary one elsewhere."""
    values = {code: given[code] if code in given else draw(ANALYTES[code], chance) for code in codes}
    if (
        "hb" in values
    ):  # The red line of a blood count holds together: haematocrit and red cells follow haemoglobin.
        values["hct"] = values["hb"] * 2.98
        values["rbc"] = values["hct"] * 10 / values["mcv"]
    if {"chol", "hdl", "tg", "ldl"} <= values.keys():  # Friedewald.
        values["chol"] = values["ldl"] + values["hdl"] + values["tg"] / 5
    return values


def result_rows(values: Mapping[str, float], before: Mapping[str, float]) -> Block:
    """Return the table of a report, with what was found the time before."""
    rows = []
    for code, value in values.items():
        analyte = ANALYTES[code]
        rows.append(
            {
                "name": analyte.name,
                "value": analyte.show(value),
                "unit": analyte.unit,
                "range": analyte.reference,
                "flag": analyte.flag(value),
                "previous": analyte.show(before[code]) if code in before else "",
            }
        )
    return {"type": "results", "rows": rows}


def filtration_rate(creatinine: float, age: int, sex: str) -> float:
    """Return the estimated filtration rate (mL/min/1.73 m²) from creatinine in µmol/L.

    Source: CKD-EPI 2009, without the coefficient of origin, as French laboratories report it.
    """
    kappa, alpha, factor = (61.9, -0.329, 1.018) if sex == "F" else (79.6, -0.411, 1.0)
    ratio = creatinine / kappa
    return float(141 * min(ratio, 1) ** alpha * max(ratio, 1) ** -1.209 * 0.993**age * factor)
