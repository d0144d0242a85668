"""The cards of a wizard or of Settings, each made when it is first wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gui.setup.card import SetupCard


class Deck(QObject):
    """Makes cards one at a time: all of them at once would hold up the window.

    Args:
        kinds: What cards there are, in order.
        make: Makes one of them.

    Signals:
        made: A card that was just made.
    """

    made = Signal(object)

    def __init__(
        self,
        kinds: Sequence[type[SetupCard]],
        make: Callable[[type[SetupCard]], SetupCard],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.kinds = tuple(kinds)
        self._make = make
        self._cards: dict[int, SetupCard] = {}

    @property
    def names(self) -> list[str]:
        """What the cards are called, made or not."""
        return [kind.name for kind in self.kinds]

    def card(self, number: int) -> SetupCard:
        """One card; made now if it was not there."""
        if number not in self._cards:
            self._cards[number] = self._make(self.kinds[number])
            self.made.emit(self._cards[number])
        return self._cards[number]

    def there(self) -> tuple[tuple[int, SetupCard], ...]:
        """The cards that were made, with their numbers, in order."""
        return tuple(sorted(self._cards.items()))
