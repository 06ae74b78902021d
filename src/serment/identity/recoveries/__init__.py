"""Getting back into an account whose factors are lost: with the proof of an enrolment, and time to stop it."""
