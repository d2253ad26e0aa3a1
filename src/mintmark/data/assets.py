"""Bytes kept by digest: images, audio, point clouds. A table refers to them by digest."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mintmark import digest
from mintmark.digest import Digest


@dataclass(frozen=True)
class Assets:
    """An immutable set of byte strings, each named by its digest."""

    blobs: Mapping[Digest, bytes] = field(default_factory=dict)

    def __getitem__(self, name: Digest) -> bytes:
        """The bytes of that digest."""
        return self.blobs[name]

    def __iter__(self) -> Iterator[Digest]:
        return iter(sorted(self.blobs))

    def __len__(self) -> int:
        return len(self.blobs)

    def __or__(self, other: "Assets") -> "Assets":
        """Both sets together."""
        return Assets({**self.blobs, **other.blobs}) if other.blobs else self

    @classmethod
    def of(cls, *contents: bytes) -> "Assets":
        """The set of these byte strings."""
        return cls({digest.of_bytes(content): content for content in contents})
