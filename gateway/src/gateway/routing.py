"""Finds the route of a request by its method and path as they stood on the wire; pure.

The one thing to know: segments are compared and passed on as they were sent, still percent-encoded. Whatever could be
read differently further in (`//`, `..`, an encoded slash) is refused here, so that edge and service see the same path.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote

from gateway.upstreams import UpstreamRoute

PATH_LENGTH_MAX = 2_000
_ORDINARY = re.compile(r"(/[A-Za-z0-9_~!$&'()*+,;=:@-][A-Za-z0-9._~!$&'()*+,;=:@-]*)*/?")
"""Characters that need no encoding in a segment (RFC 3986, section 3.3), the first not a dot."""


@dataclass(slots=True)
class _Node:
    literal: "dict[str, _Node]" = field(default_factory=dict)
    beginning_with: "dict[str, _Node]" = field(default_factory=dict)
    parameter: "_Node | None" = None
    methods: dict[str, UpstreamRoute] = field(default_factory=dict)

    def grow(self, segment: str) -> "_Node":
        """Return the child for one segment of a pattern, made where there was none."""
        beginning, brace, _ = segment.partition("{")
        if not brace:
            return self.literal.setdefault(segment, _Node())
        if beginning:
            return self.beginning_with.setdefault(beginning, _Node())
        if self.parameter is None:
            self.parameter = _Node()
        return self.parameter

    def children(self, segment: str) -> "Iterable[_Node]":
        """Yield the children that take a segment, the most literal first."""
        if segment in self.literal:
            yield self.literal[segment]
        for beginning, node in self.beginning_with.items():
            if segment.startswith(beginning):
                yield node
        if self.parameter is not None:
            yield self.parameter


@dataclass(frozen=True, slots=True)
class OtherMethods:
    """The path is known, but it takes only these methods."""

    allowed: tuple[str, ...]


class RouteTable:
    """The routes, ready to be searched."""

    def __init__(self, routes: Iterable[UpstreamRoute]) -> None:
        self._root = _Node()
        for route in routes:
            node = self._root
            for segment in route.path.split("/")[1:]:
                node = node.grow(segment)
            assert route.method not in node.methods, f"{route.method} {route.path} is there twice"
            node.methods[route.method] = route

    def find(self, method: str, path: str) -> UpstreamRoute | OtherMethods | None:
        """Return the route of a request, the methods its path takes instead, or None for a path that is not known."""
        node = _descend(self._root, path.split("/")[1:])
        if node is None:
            return None
        return node.methods.get(method) or OtherMethods(tuple(sorted(node.methods)))


def _descend(node: _Node, segments: list[str]) -> _Node | None:
    if not segments:
        return node if node.methods else None
    for child in node.children(segments[0]):
        found = _descend(child, segments[1:])
        if found is not None:
            return found
    return None


def is_plain(path: str) -> bool:
    """Tell whether a path means the same to everyone: no empty or dot segments, no hidden separators or controls."""
    if len(path) > PATH_LENGTH_MAX or not path.startswith("/"):
        return False
    if _ORDINARY.fullmatch(path):
        return True
    segments = path.split("/")[1:]
    return all(_is_plain_segment(unquote(segment)) for segment in segments[:-1]) and (
        segments[-1] == "" or _is_plain_segment(unquote(segments[-1]))
    )


def _is_plain_segment(segment: str) -> bool:
    if segment in ("", ".", ".."):
        return False
    return not any(character in "/\\\ufffd" or ord(character) < 32 or ord(character) == 127 for character in segment)
