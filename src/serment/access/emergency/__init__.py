"""Emergency access: a reason, a clock, a narrow scope; the patient told, a named person who looks at it afterwards."""
