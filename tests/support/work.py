"""Work for a browser, as the service asks for it under attack (AUT-11), and whether it was done."""

import json

from altcha import Challenge, Payload, create_challenge, solve_challenge, verify_solution

_SECRET = b"work for the tests of the pages"


def work_asked(*, counter: int = 60) -> str:
    """Return a challenge as the page gets it, whose answer is that counter; each try costs 5,000 rounds."""
    challenge = create_challenge("PBKDF2/SHA-256", 5_000, counter=counter, hmac_secret=_SECRET)
    return json.dumps(challenge.to_dict())


def work_is_done(payload: str) -> bool:
    """Tell whether the field of a form holds work that the library takes."""
    return verify_solution(payload, _SECRET).verified


def work_done(challenge_json: str) -> str:
    """Do the work of a challenge, as a browser does, and return what its form sends."""
    challenge = Challenge.from_dict(json.loads(challenge_json))
    solution = solve_challenge(challenge)
    assert solution is not None
    return Payload(challenge, solution).to_base64()
