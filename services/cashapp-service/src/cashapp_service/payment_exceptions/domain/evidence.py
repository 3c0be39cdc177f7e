"""A file that speaks for us, as somebody sends it."""

import hashlib
from dataclasses import dataclass

from cashapp_service.payment_exceptions.domain.refusals import EvidenceFileError
from shared.files import FILE_BYTES_MAX, file_name, media_type


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file with its name and media type made harmless; the content is kept to the letter."""

    content: bytes
    file_name: str
    media_type: str

    @classmethod
    def taken(cls, content: bytes, *, given_name: str | None, given_type: str | None) -> "EvidenceFile":
        """Return the file that somebody sent; raise `EvidenceFileError` for one that is empty or too large."""
        if not content:
            raise EvidenceFileError("The file is empty: send the document itself.")
        if len(content) > FILE_BYTES_MAX:
            raise EvidenceFileError(f"A file may have at most {FILE_BYTES_MAX // 1024 // 1024} MiB: send it in parts.")
        return cls(content, file_name(given_name), media_type(given_type))

    @property
    def sha256(self) -> str:
        """The content's hash in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()
