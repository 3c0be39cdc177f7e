"""XML from strangers, parsed without ever following what it says: no DTD, no entities, no network.

The one thing to know: an `Element` finds children by local name, so that a namespace, its version and its prefix
do not matter.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree


class UnsafeXmlError(Exception):
    """The document is not well formed, or declares a document type."""

    def __init__(self, line: int, detail: str) -> None:
        super().__init__(detail)
        self.line = line
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a parsed document. A path such as `Acct/Id/IBAN` names children by their local names."""

    node: Any

    @property
    def line(self) -> int:
        """The line on which the element starts."""
        return int(self.node.sourceline or 1)

    @property
    def content(self) -> str:
        """The element's own text."""
        return str(self.node.text or "").strip()

    def children(self, name: str) -> Iterator["Element"]:
        """Yield the children of that name."""
        return (Element(node) for node in self.node if _local_name(node) == name)

    def descendants(self, name: str) -> Iterator["Element"]:
        """Yield the element itself and all below it of that name."""
        return (Element(node) for node in self.node.iter() if _local_name(node) == name)

    def child(self, path: str) -> "Element | None":
        """Return the first element on the path, None where there is none."""
        found: Element | None = self
        for name in path.split("/"):
            if found is None:
                return None
            found = next(found.children(name), None)
        return found

    def has(self, path: str) -> bool:
        """Return whether there is an element on the path."""
        return self.child(path) is not None

    def text(self, path: str) -> str | None:
        """Return the text of the first element on the path, None where there is none or it is blank."""
        found = self.child(path)
        return (found.content or None) if found else None

    def attribute(self, path: str, name: str) -> str:
        """Return an attribute of the first element on the path, empty where there is none."""
        found = self.child(path)
        return str(found.node.get(name, "")) if found else ""


def _local_name(node: Any) -> str:
    # Comments and processing instructions have a function for a tag.
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def parse_xml(data: bytes) -> Element:
    """Return a document's root; raise `UnsafeXmlError` with the line where it is broken or could do harm."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise UnsafeXmlError(line, f"The document is not well-formed XML: {error.msg}.") from None
    if root.getroottree().docinfo.doctype:
        raise UnsafeXmlError(1, "The document declares a document type (<!DOCTYPE>), which is not accepted.")
    return Element(root)
