"""What surrounds every page: rendering, languages, cookies, headers, forms, and errors as answers."""

from serment.edge.shell.application import build_application
from serment.edge.shell.assets import Assets
from serment.edge.shell.bodies import read_form
from serment.edge.shell.boundary import AnswerCutShort
from serment.edge.shell.cookies import CookieKind, Cookies
from serment.edge.shell.csrf import csrf_token
from serment.edge.shell.errors import (
    FieldRefused,
    FormTooLarge,
    FormTypeRefused,
    FormUnreadable,
    HostUnknown,
    PageNotFound,
    RequestForged,
)
from serment.edge.shell.forms import Form, parse_form
from serment.edge.shell.headers import CONTENT_POLICY, forget_everything
from serment.edge.shell.languages import CatalogueBroken, Language, Words, mark
from serment.edge.shell.outcomes import MEDIA_TYPE as FHIR_JSON
from serment.edge.shell.preferences import safe_way_back
from serment.edge.shell.problems import PROBLEMS, Problem, problem_of
from serment.edge.shell.rendering import Pages, Tongue, reference_of
from serment.edge.shell.settings import Scheme, ShellSettings
from serment.edge.shell.speech import Speech
from serment.edge.shell.viewer import (
    Alarm,
    Banner,
    Destination,
    Link,
    OpenedInEmergency,
    Viewer,
    set_viewer,
    viewer_of,
)

__all__ = [
    "CONTENT_POLICY",
    "FHIR_JSON",
    "PROBLEMS",
    "Alarm",
    "AnswerCutShort",
    "Assets",
    "Banner",
    "CatalogueBroken",
    "CookieKind",
    "Cookies",
    "Destination",
    "FieldRefused",
    "Form",
    "FormTooLarge",
    "FormTypeRefused",
    "FormUnreadable",
    "HostUnknown",
    "Language",
    "Link",
    "OpenedInEmergency",
    "PageNotFound",
    "Pages",
    "Problem",
    "RequestForged",
    "Scheme",
    "ShellSettings",
    "Speech",
    "Tongue",
    "Viewer",
    "Words",
    "build_application",
    "csrf_token",
    "forget_everything",
    "mark",
    "parse_form",
    "problem_of",
    "read_form",
    "reference_of",
    "safe_way_back",
    "set_viewer",
    "viewer_of",
]
