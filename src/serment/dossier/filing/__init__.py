"""The way of a document into the dossier: planned, received, concluded; resumable when it is long."""
