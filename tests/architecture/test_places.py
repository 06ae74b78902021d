"""Some things are done in one place only, so that one place can be read and trusted."""

import ast
import re
import sys
from collections.abc import Iterator

import pytest

from architecture.house import Module, called_name, module_named, modules

STORES = re.compile(r"(^|/)store\.py$")
#: The confined process: its parent's side, its own side, and the barriers it puts up.
CONFINEMENT = ("kernel/confined.py", "kernel/confined_barriers.py", "kernel/confined_child.py")

#: Which library may be imported where: places below `src/serment`, `*/store.py` meaning every store.
#: A new library needs a line here, hence a discussion (and an ADR when it opens a new way in or out).
LIBRARIES: dict[str, tuple[str, ...]] = {
    "PIL": ("clinical/", "app/demonstration/"),
    "alembic": ("app/",),
    "altcha": ("identity/throttling/work.py",),
    "anyio": ("edge/", "app/"),
    "argon2": ("identity/factors/", "vault/root.py"),
    "babel": ("edge/",),
    "cryptography": ("vault/", "ledger/", "identity/factors/", "app/"),
    "httptools": ("app/",),
    "httpx2": ("identity/federation/outgoing.py",),
    "jinja2": ("edge/", "app/"),
    "joserfc": ("identity/access_keys/", "identity/federation/"),
    "markupsafe": ("edge/", "app/"),
    "numpy": ("clinical/", "app/demonstration/"),
    "pydantic": ("app/settings.py", "app/federation_settings.py"),
    "pydantic_settings": ("app/settings.py",),
    "pydicom": ("clinical/", "app/demonstration/"),
    "pylibjpeg": ("clinical/",),
    "pyotp": ("identity/factors/", "app/"),
    "pypdfium2": ("clinical/",),
    "rich": ("app/",),
    "segno": ("edge/", "app/"),
    "sqlalchemy": ("kernel/", "*/store.py", "app/migrations/"),
    "starlette": ("edge/", "app/"),
    "structlog": ("edge/", "app/"),
    "typer": ("app/",),
    "typing_extensions": ("",),
    "typst": ("app/demonstration/",),
    "uvicorn": ("app/",),
    "uvloop": ("app/",),
    "webauthn": ("identity/factors/",),
    "zxcvbn": ("identity/password_policy/",),
}
#: The same for modules of the standard library that reach the network, other processes, chance, or plaintext files.
GUARDED_STANDARD_MODULES: dict[str, tuple[str, ...]] = {
    "asyncio": ("edge/", "app/"),
    "ftplib": (),
    "http.client": (),
    "marshal": (),
    "multiprocessing": (*CONFINEMENT, "app/"),
    "pickle": (),
    "random": ("app/demonstration/",),
    "shelve": (),
    "smtplib": (),
    "socket": (*CONFINEMENT, "edge/", "app/"),
    "sqlite3": ("kernel/", "app/"),
    "subprocess": (*CONFINEMENT, "app/"),
    "tempfile": (),
    "urllib.request": (),
    "xmlrpc": (),
}
#: What only these files may build (CRY-04; design, section 3): proof that a decision was taken.
BUILT_IN: dict[str, tuple[str, ...]] = {
    "Permit": ("access/decision.py",),
    "Warrant": ("vault/warrant.py",),
    "Notary": ("vault/keyring.py",),
}


#: Where every error may be caught: a request, a job or a process ends there, or each thread that waits for a commit
#: is handed the error (`_GroupCommit`).
WHERE_ERRORS_END = ("edge/", "app/worker.py", "kernel/confined_child.py", "kernel/database.py")
#: Who touches the environment; the confined child only writes to it, before it loads the parsers.
ENVIRONMENT = ("app/settings.py", "kernel/confined_child.py")


def test_libraries_are_imported_where_they_are_allowed() -> None:
    found = [
        f"{module.at(line)} imports {library}"
        for module in modules()
        for library, line in _third_party(module)
        if not _allowed(module, LIBRARIES.get(library, ()))
    ]

    assert not found, "\n".join(found)


def test_dangerous_standard_modules_are_imported_where_they_are_allowed() -> None:
    found = [
        f"{module.at(taken.line)} imports {guarded}"
        for module in modules()
        for taken in module.imports
        for guarded, places in GUARDED_STANDARD_MODULES.items()
        if _is_module(taken.module, taken.name, guarded) and not _allowed(module, places)
    ]

    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", ["verifier", "trail_verifier"])
def test_the_verifiers_stand_on_the_standard_library_and_ed25519_alone(name: str) -> None:
    verifier = module_named(f"serment.ledger.{name}")
    assert verifier is not None

    taken = {
        one.module for one in verifier.imports if one.module.split(".")[0] not in sys.stdlib_module_names
    }

    assert taken <= {"cryptography.exceptions", "cryptography.hazmat.primitives.asymmetric.ed25519"}
    assert len(verifier.text.splitlines()) < 400, "LED-02: whoever checks us reads it in one sitting"


def test_authenticated_encryption_is_called_in_one_file() -> None:
    ciphers = re.compile(r"^cryptography\.(hazmat\.primitives\.ciphers|fernet)")
    callers = {
        module.place for module in modules() if any(ciphers.match(one.module) for one in module.imports)
    }

    assert callers == {"vault/cobblestone.py"}


@pytest.mark.parametrize("proof", sorted(BUILT_IN))
def test_proofs_of_a_decision_are_built_in_one_place(proof: str) -> None:
    builders = [
        module.at(getattr(node, "lineno", 0))
        for module in modules()
        for node in module.nodes
        if called_name(node) == proof and not module.is_under(*BUILT_IN[proof])
    ]
    renamed = [
        module.at(taken.line)
        for module in modules()
        for taken in module.imports
        if taken.name == proof and taken.bound_as != proof
    ]

    assert builders == []
    assert renamed == []


def test_the_notary_is_asked_by_access_alone() -> None:
    askers = {
        module.place
        for module in modules()
        for node in module.nodes
        if isinstance(node, ast.Attribute) and node.attr in {"Notary", "take_notary"}
    }

    # An inquiry on the machine itself opens trails, and nothing else, without anybody who is signed in.
    assert {place for place in askers if not place.startswith("app/")} == {
        "access/decision.py",
        "access/inquiries.py",
    }


def test_what_opens_trails_from_the_console_is_asked_by_its_command_alone() -> None:
    doors = {"open_trails_from_console", "ask_from_console"}
    askers = {
        module.place
        for module in modules()
        for node in module.nodes
        if isinstance(node, ast.Attribute) and node.attr in doors
    }

    assert askers == {"app/commands/touched.py", "vigilance/inquiries.py"}


def test_errors_are_swallowed_only_where_requests_and_jobs_end() -> None:
    found = [
        module.at(handler.lineno)
        for module in modules()
        if not module.is_under(*WHERE_ERRORS_END)
        for handler in module.nodes
        if isinstance(handler, ast.ExceptHandler)
        and _catches_everything(handler)
        and not _raises_again(handler)
    ]

    assert not found, "\n".join(found)


def test_the_environment_is_read_in_the_settings_alone() -> None:
    found = [
        module.at(node.lineno)
        for module in modules()
        if not module.is_under(*ENVIRONMENT)
        for node in module.nodes
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"}
    ]

    assert not found, "\n".join(found)


def test_the_hour_is_asked_of_the_clock_alone() -> None:
    asks = {"now", "utcnow", "today"}
    found = [
        module.at(node.lineno)
        for module in modules()
        if not module.is_under("kernel/clock.py", "ledger/verifier.py")
        for node in module.nodes
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (
            (node.value.id in {"datetime", "date"} and node.attr in asks)
            or (node.value.id, node.attr) == ("time", "time")
        )
    ]

    assert not found, "\n".join(found)


def test_the_core_is_synchronous() -> None:
    found = [
        module.at(getattr(node, "lineno", 0))
        for module in modules()
        if not module.is_under("edge/", "app/")
        for node in module.nodes
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith)
    ]

    assert not found, "\n".join(found)


def _third_party(module: Module) -> Iterator[tuple[str, int]]:
    for taken in module.imports:
        library = taken.module.split(".")[0]
        if library != "serment" and library not in sys.stdlib_module_names:
            yield library, taken.line


def _allowed(module: Module, places: tuple[str, ...]) -> bool:
    if "" in places or ("*/store.py" in places and STORES.search(module.place)):
        return True
    return module.is_under(*places)


def _is_module(module: str, name: str | None, guarded: str) -> bool:
    return f"{module}.".startswith(f"{guarded}.") or f"{module}.{name}" == guarded


def _catches_everything(handler: ast.ExceptHandler) -> bool:
    caught = "" if handler.type is None else ast.unparse(handler.type)
    return re.search(r"\b(Base)?Exception\b", caught or "Exception") is not None


def _raises_again(handler: ast.ExceptHandler) -> bool:
    """A handler that ends in a bare `raise` tidies up and swallows nothing."""
    return isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None
