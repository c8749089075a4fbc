"""A set of ids that takes sixteen to thirty-two bytes for each: a million pupils are told apart and not kept."""

from array import array

_EMPTY = 0
_TAG_BITS = 4
_TAG_MASK = (1 << _TAG_BITS) - 1
_HASH_MASK = (1 << 64) - 1 - _TAG_MASK


class CompactIds:
    """Which ids were seen, each with a tag of 0 to 15, by a 60-bit hash of the id: the id itself is not kept.

    Two of a million ids share a hash in one of some two million sets. Open addressing with linear probing; the
    interpreter's string hash is keyed anew for each process, so nobody can prepare ids that meet.
    """

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 * 1024))
        self._used = 0

    def __len__(self) -> int:
        return self._used

    def tag(self, identifier: str) -> int | None:
        """The tag of an id; None when it has not been seen."""
        entry = self._slots[self._slot(self._key(identifier))]
        return None if entry == _EMPTY else entry & _TAG_MASK

    def put(self, identifier: str, tag: int = 0) -> bool:
        """Sees an id, its tag joined (by or) to the one it has. Says whether it is new."""
        key = self._key(identifier)
        slot = self._slot(key)
        new = self._slots[slot] == _EMPTY
        self._slots[slot] |= key | tag
        if new:
            self._used += 1
            if 3 * self._used > 2 * len(self._slots):
                self._grow()
        return new

    def count(self, *, without: int) -> int:
        """How many ids have none of these bits in their tags."""
        return sum(1 for entry in self._slots if entry != _EMPTY and not entry & without)

    @staticmethod
    def _key(identifier: str) -> int:
        return (hash(identifier) & _HASH_MASK) or 1 << _TAG_BITS

    def _slot(self, key: int) -> int:
        slots, mask = self._slots, len(self._slots) - 1
        at = (key >> _TAG_BITS) & mask
        while (entry := slots[at]) != _EMPTY and entry & _HASH_MASK != key:
            at = (at + 1) & mask
        return at

    def _grow(self) -> None:
        old = self._slots
        self._slots = array("Q", bytes(16 * len(old)))
        for entry in old:
            if entry != _EMPTY:
                self._slots[self._slot(entry & _HASH_MASK)] = entry
