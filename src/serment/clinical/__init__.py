"""Pure knowledge of clinical content: identities, documents, media, DICOM. No I/O, no rule of access.

Parsers of foreign bytes run in a confined child (`kernel.Zygote`): `workbench` holds the functions that it runs, and
`requests` what goes in and comes out. This door itself loads none of them.
"""

from serment.clinical.document_resource import document_from_fhir, document_to_fhir
from serment.clinical.documents import DocumentDescription, DocumentKind, DocumentStatus
from serment.clinical.errors import (
    ContentDamaged,
    ContentProtected,
    ContentTooLarge,
    ContentUnsupported,
    IdentityMalformed,
    NoSuchPage,
    RequestMalformed,
    ResourceMalformed,
)
from serment.clinical.identity import (
    IdentityStatus,
    PatientIdentity,
    Sex,
    confirm_by_document,
    retrieve_ins,
)
from serment.clinical.imaging import DicomInstance, decode_instance, encode_instance
from serment.clinical.ins import Ins, InsAuthority, control_key, is_matricule
from serment.clinical.media import RECOGNITION_BYTES, Display, MediaType, read_text, recognise
from serment.clinical.mismatch import names_another_patient
from serment.clinical.names import easily_confused, near_names, normalise_name
from serment.clinical.neutralise import Finding, Neutralisation, neutralise
from serment.clinical.patches import (
    BytesReader,
    Patch,
    RandomReader,
    apply_patches,
    decode_patches,
    encode_patches,
)
from serment.clinical.patient_resource import patient_from_fhir, patient_to_fhir
from serment.clinical.requests import (
    FRAME_PIXELS,
    INSPECT_DOCUMENT,
    PRELOAD,
    RENDER_PREVIEW,
    Frame,
    Inspection,
    Preview,
    frame_request,
    inspection_request,
    preview_request,
    read_frame,
    read_inspection,
    read_preview,
)

__all__ = [
    "FRAME_PIXELS",
    "INSPECT_DOCUMENT",
    "PRELOAD",
    "RECOGNITION_BYTES",
    "RENDER_PREVIEW",
    "BytesReader",
    "ContentDamaged",
    "ContentProtected",
    "ContentTooLarge",
    "ContentUnsupported",
    "DicomInstance",
    "Display",
    "DocumentDescription",
    "DocumentKind",
    "DocumentStatus",
    "Finding",
    "Frame",
    "IdentityMalformed",
    "IdentityStatus",
    "Ins",
    "InsAuthority",
    "Inspection",
    "MediaType",
    "Neutralisation",
    "NoSuchPage",
    "Patch",
    "PatientIdentity",
    "Preview",
    "RandomReader",
    "RequestMalformed",
    "ResourceMalformed",
    "Sex",
    "apply_patches",
    "confirm_by_document",
    "control_key",
    "decode_instance",
    "decode_patches",
    "document_from_fhir",
    "document_to_fhir",
    "easily_confused",
    "encode_instance",
    "encode_patches",
    "frame_request",
    "inspection_request",
    "is_matricule",
    "names_another_patient",
    "near_names",
    "neutralise",
    "normalise_name",
    "patient_from_fhir",
    "patient_to_fhir",
    "preview_request",
    "read_frame",
    "read_inspection",
    "read_preview",
    "read_text",
    "recognise",
    "retrieve_ins",
]
