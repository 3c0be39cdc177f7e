"""Why a file is not taken into a credit file, or not found there; `shared.files` makes its name and media type harmless."""

from shared.errors import InvalidError, NotFoundError
from shared.files import FILE_BYTES_MAX


class AttachmentNotFoundError(NotFoundError):
    """The customer's credit file has no such attachment."""

    code = "attachment_not_found"

    def __init__(self, attachment_id: str) -> None:
        super().__init__(f"There is no attachment {attachment_id} in this file: see GET …/attachments.")


class EmptyAttachmentError(InvalidError):
    """The file has no content."""

    code = "attachment_empty"

    def __init__(self) -> None:
        super().__init__("The file is empty: send the document itself.", field="file")


class AttachmentTooLargeError(InvalidError):
    """The file is larger than a credit file keeps."""

    code = "attachment_too_large"

    def __init__(self) -> None:
        super().__init__(
            f"A file may have at most {FILE_BYTES_MAX // 1024 // 1024} MiB: send it in parts.", field="file"
        )
