"""The matrix of rights as data: read, versioned by organisation, edited within bounds, its effects foreseen."""

from serment.access.matrix.errors import MatrixInvalid, MatrixOutdated
from serment.access.matrix.model import NOTHING, Effect, Matrix, MatrixVersion, Rights, Who
from serment.access.matrix.operations import adopt
from serment.access.matrix.preview import preview
from serment.access.matrix.queries import check_matrices, current, history, version_of
from serment.access.matrix.wording import RELATIONS, SHIPPED, read_matrix, whos_of, write_matrix

__all__ = [
    "NOTHING",
    "RELATIONS",
    "SHIPPED",
    "Effect",
    "Matrix",
    "MatrixInvalid",
    "MatrixOutdated",
    "MatrixVersion",
    "Rights",
    "Who",
    "adopt",
    "check_matrices",
    "current",
    "history",
    "preview",
    "read_matrix",
    "version_of",
    "whos_of",
    "write_matrix",
]
