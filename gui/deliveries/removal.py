"""Takes deliveries, or a person, out of what is sent: discard and erase."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLabel, QLineEdit

from gui.deliveries import counting
from gui.deliveries.dialogs import OperationDialog, StepwiseDialog
from gui.deliveries.mentions import person_of
from gui.deliveries.saved import forget, naming
from gui.widgets.buttons import dress
from gui.widgets.labels import Text
from gui.words import number

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from PySide6.QtWidgets import QWidget

    from core.pipeline.operations import Selection, Watch
    from core.store.base import Erased
    from core.store.view import StoreView
    from gui.deliveries.mentions import Person
    from gui.look import Look
    from gui.session import Session


class DiscardDialog(StepwiseDialog):
    """Decides that deliveries are not to be sent.

    Args:
        session: Whose deliveries.
        look: Icons and fonts.
        selection: Which.
    """

    def __init__(
        self, session: Session, look: Look, selection: Selection, parent: QWidget | None = None
    ) -> None:
        super().__init__(session, look, selection, parent)
        self.set_title(self.tr("Discard"))
        dress(self.go, "danger")

    def start(self) -> None:
        """Show, and count what is still to be sent."""
        super().start()
        session, selection = self._session, self._selection
        self._ask(lambda: counting.discardable(session.store, selection), self._on_counted)

    def deed(self) -> Callable[[Watch], Awaitable[int]]:
        """Discard them."""
        session, selection = self._session, self._selection
        return lambda watch: session.link.discard(selection, progress=watch)

    def outcome(self, done: int) -> str:
        """How many will not be sent."""
        if done == 1:
            return self.tr("One delivery is discarded: it will not be sent.")
        return self.tr("{count} deliveries are discarded: they will not be sent.").format(
            count=number(done)
        )

    def _on_counted(self, counted: tuple[int, int]) -> None:
        some, total = counted
        self._total = total
        self.busy.stop()
        self.go.setText(self.tr("Discard {count}").format(count=number(some)))
        self.go.setEnabled(bool(some))
        if not some:
            self.text.setText(self.tr("None of these is still to be sent."))
            return
        text = self.tr(
            "{some} of {total} are still to be sent, or dead. Discarded, they will not reach "
            "Segment. They stay here, and you may replay them later."
        )
        self.text.setText(text.format(some=number(some), total=number(total)))
        self.close_button.setFocus()


class EraseDialog(OperationDialog):
    """Removes a person's data, after the id was typed.

    Args:
        session: Whose store.
        look: Icons and fonts.
        customer_id: The person's id in Gladly.
    """

    def __init__(
        self, session: Session, look: Look, customer_id: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(session, look, parent)
        self.set_title(self.tr("Erase customer"))
        self._customer_id = customer_id
        self._person = person_of(customer_id, ())
        dress(self.go, "danger")
        label = QLabel(self.tr("&Type the customer's id to confirm"), self)
        shown = Text(customer_id, "muted", parent=self)
        shown.setFont(look.mono())
        self.edit = QLineEdit(self)
        self.edit.setFont(look.mono())
        label.setBuddy(self.edit)
        for widget in (label, shown, self.edit):
            self.options.addWidget(widget)
        self.edit.textChanged.connect(self._on_text)

    def start(self) -> None:
        """Show, and count the deliveries that are about this person."""
        super().start()
        self.edit.setFocus()
        session, customer_id = self._session, self._customer_id
        self._ask(lambda: _known(session.store, customer_id), self._on_known)

    def _on_known(self, known: tuple[int, Person]) -> None:
        count, self._person = known
        self.busy.stop()
        text = self.tr(
            "Deliveries here that are about this customer: {count}. Names, addresses and contents "
            "are removed from them, from what Gladly told about them, and from the search, beyond "
            "recovery. What is not sent yet will not be sent.\n"
            "What Segment already has must be erased there, too: Privacy, Deletion Requests."
        )
        said = text.format(count=number(count))
        if filters := naming(self._session.memory, self._person):
            also = self.tr("Saved filters that name them are removed, too: {names}.")
            said = f"{said}\n{also.format(names=', '.join(filters))}"
        self.text.setText(said)

    @Slot(str)
    def _on_text(self, text: str) -> None:
        self.go.setEnabled(text.strip() == self._customer_id and not self._running)

    def _run(self) -> None:
        self.edit.setEnabled(False)
        self.close_button.setEnabled(False)
        self.busy.start(self.tr("Erasing…"))
        session, customer_id = self._session, self._customer_id
        self._ask(lambda: session.link.erase(customer_id), self._on_erased)

    def _on_erased(self, erased: Erased) -> None:
        forget(self._session.memory, self._person)
        text = self.tr("The customer is erased. Webhooks: {webhooks}, deliveries: {deliveries}.")
        self._end(
            "good",
            text.format(webhooks=number(erased.webhooks), deliveries=number(erased.deliveries)),
            self.tr("Erase them in Segment, too: Privacy, Deletion Requests."),
        )


async def _known(store: StoreView, customer_id: str) -> tuple[int, Person]:
    """How many deliveries are about a customer, and by what they are known."""
    count = await counting.deliveries_of(store, customer_id)
    return count, await counting.person_in(store, customer_id)
