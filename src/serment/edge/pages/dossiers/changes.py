"""What changed in a document from one version to the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from serment import dossier


@dataclass(frozen=True)
class Step:
    """One version beside the one before it; None for the first. Each trait tells whether it changed."""

    after: dossier.Document
    before: dossier.Document | None

    @property
    def title_changed(self) -> bool:
        """Whether the title is another."""
        return self.before is not None and self.before.description.title != self.after.description.title

    @property
    def kind_changed(self) -> bool:
        """Whether it is called another kind of document."""
        return self.before is not None and self.before.description.kind is not self.after.description.kind

    @property
    def date_changed(self) -> bool:
        """Whether it bears another date."""
        said = self.after.description.document_date
        return self.before is not None and self.before.description.document_date != said

    @property
    def content_changed(self) -> bool:
        """Whether its bytes are others."""
        said = self.after.description.object_id
        return self.before is not None and self.before.description.object_id != said


def changes_between(history: Sequence[dossier.Document]) -> list[Step]:
    """Return each version with what it changed, newest first."""
    steps = [Step(after, before) for after, before in pairwise(history)]
    return [*steps, Step(history[-1], None)]
