"""The inspector: why the pinned cell is predicted as it is, in numbers that add up."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from mfgui.gui.exportable import Exportable
from mfgui.gui.panels.base import Panel
from mfgui.gui.run_model import RunModel
from mfgui.gui.theme import LIGHT, Theme
from mfgui.gui.view_state import NEW_USER, ViewState
from mfgui.gui.waterfall_exports import cell_lines, waterfall_exportable
from mfgui.gui.widgets.cell_head import CellHead
from mfgui.gui.widgets.entity_card import EntityCard
from mfgui.gui.widgets.explainer import Answer, Explainer, Question
from mfgui.gui.widgets.inspector_body import InspectorBody
from mfgui.gui.widgets.inspector_words import NO_RATINGS, Told, copied_text, waterfalls_of, words_of
from mfgui.gui.widgets.plot_menu import PlotMenu
from mfgui.gui.widgets.split_row import SplitRow
from mfgui.gui.widgets.waterfall import WaterfallView
from mfgui.inspection.comparison import OPEN_MODEL
from mfgui.inspection.explanation import Bar

EMPTY_TEXT = "Click a cell to see why it is predicted so."
WORKING_TEXT = "Working out why ..."
UNTRAINED_TEXT = "Press Train to see what is predicted here, and why."
UNKNOWN_TEXT = "The other model does not know this user or this item."
MEMBER_TEXT = ("What this member predicts alone; the average of all {} is clipped once, at the "
               "end.")
_Align = Qt.AlignmentFlag
PATIENCE_MS = 200  # before an old answer gives way to a sentence


class InspectorPanel(Panel):
    """Head, waterfall and cards of the pinned cell; side by side where it is wide."""

    title: ClassVar[str] = "Inspector"
    area: ClassVar[str] = "right"
    is_shown_first: ClassVar[bool] = True
    keys: ClassVar[str] = "Ctrl+4"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspectorPanel")
        self._run_model: RunModel | None = None
        self._state: ViewState | None = None
        self._answer: Answer | None = None
        self._theme = LIGHT
        self.explainer = Explainer(self)
        self.head, self.row, self.waterfall = CellHead(), SplitRow(), WaterfallView()
        self.cards = (EntityCard("user"), EntityCard("item"))
        self._note, self._sentence = QLabel(), QLabel(EMPTY_TEXT)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._show_waiting)
        self._build()
        self._connect()

    # -- building -----------------------------------------------------------------------------

    def _build(self) -> None:
        self._sentence.setProperty("role", "muted")
        self._sentence.setWordWrap(True)
        self._sentence.setAlignment(_Align.AlignCenter)
        self._sentence.setContentsMargins(16, 12, 16, 12)
        self._body = InspectorBody(self.head, self._made_middle(), self._made_cards())
        self._pages = QStackedWidget()
        self._pages.addWidget(self._sentence)
        self._pages.addWidget(self._body)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)
        self.setFocusProxy(self.waterfall)

    def _made_cards(self) -> QWidget:
        """Return the cards side by side."""
        box = QWidget()
        cards = QHBoxLayout(box)
        cards.setContentsMargins(0, 0, 0, 0)
        cards.setSpacing(8)
        for card in self.cards:
            cards.addWidget(card, 1)
        return box

    def _made_middle(self) -> QWidget:
        """Return the waterfall with its choices above and its note below, or a sentence."""
        middle, self._bars_box = QWidget(), QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        bars = QVBoxLayout(self._bars_box)
        bars.setContentsMargins(0, 0, 0, 0)
        bars.setSpacing(4)
        self._hint = QLabel()
        for label in (self._note, self._hint):
            label.setProperty("role", "muted")
            label.setWordWrap(True)
        self._hint.setAlignment(_Align.AlignCenter)
        bars.addWidget(self.row)
        bars.addWidget(self.waterfall, 1)
        bars.addWidget(self._note)
        bars.addStretch(0)
        column.addWidget(self._bars_box, 1)
        column.addWidget(self._hint, 1)
        return middle

    def _connect(self) -> None:
        self.explainer.answered.connect(self._on_answered)
        self.explainer.live_due.connect(self._ask)
        self.row.chosen.connect(self._show_bars)
        self.row.copy_requested.connect(self._on_copy_requested)
        self.waterfall.followed.connect(self._on_followed)
        self._exportable = waterfall_exportable(
            self.waterfall, self._export_lines, lambda: self._theme)
        PlotMenu(self.waterfall, lambda kind: self.export_wanted.emit(kind, self._exportable))

    def set_models(self, run_model: RunModel, view_state: ViewState) -> None:
        """Follow the pinned cell and the models that explain it."""
        self._run_model, self._state = run_model, view_state
        run_model.ratings_changed.connect(self.explainer.forget)
        view_state.pinned_changed.connect(self._on_cell_changed)
        for changed in (run_model.shown_changed, run_model.status_changed):
            changed.connect(self._on_shown_changed)  # the end of a run waits for no pace
        run_model.new_user_changed.connect(self._on_new_user_changed)
        run_model.other_changed.connect(self._ask)
        self._on_cell_changed()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self.waterfall.set_theme(theme)

    def shut_down(self) -> None:
        """End the thread that explains."""
        self._patience.stop()
        self.explainer.shut_down()

    # -- asking -------------------------------------------------------------------------------

    def _question(self) -> Question | None:
        """Return what is to be explained; None where nothing is pinned."""
        model, state = self._run_model, self._state
        if model is None or state is None or state.pinned is None or model.known is None:
            return None
        user, item = state.pinned
        ratings = model.known.ratings
        guest = model.new_user if user == NEW_USER else None
        if item >= ratings.n_items or user >= ratings.n_users or (
                user == NEW_USER and guest is None):
            return None
        return Question(user, item, model.known, model.shown, model.before_refit, guest,
                        model.other)

    def _on_cell_changed(self) -> None:
        """Explain another cell; what is shown of the last one gives way if that takes long."""
        self._patience.start()
        self._ask()

    def _on_new_user_changed(self) -> None:
        if self._state is not None and self._state.pinned is not None and (
                self._state.pinned[0] == NEW_USER):
            self._ask()

    def _on_shown_changed(self) -> None:
        """Explain by the newer factors, while training as often as that is cheap."""
        assert self._run_model is not None
        if self._run_model.status.is_running:
            self.explainer.want_live()
        else:
            self._ask()

    def _ask(self) -> None:
        """Have the pinned cell explained as everything is now."""
        question = self._question()
        if question is None:
            self._patience.stop()
            self._answer = None
            self._show_sentence(EMPTY_TEXT)
        elif self.is_seen:
            self.explainer.ask(question)
        else:
            self._patience.stop()  # it is asked again as soon as somebody looks

    def _on_answered(self, answer: Answer) -> None:
        """Show an answer, unless it came too late: another cell or other ratings are shown now."""
        question = self._question()
        if question is None or answer.question.cell != question.cell or (
                answer.question.known.ratings is not question.known.ratings):
            return
        self._patience.stop()
        self._answer = answer
        self._show_answer(answer)

    # -- showing ------------------------------------------------------------------------------

    def _show_sentence(self, text: str) -> None:
        """Show one sentence instead of everything."""
        self._sentence.setText(text)
        self._pages.setCurrentWidget(self._sentence)

    def _show_waiting(self) -> None:
        """Let go of what was said of another cell; the waterfall keeps the keys meanwhile."""
        question = self._question()
        if question is None or self._answer is None:
            self._show_sentence(WORKING_TEXT)
            return
        self._answer = None
        self.head.show_cell(words_of(question.known, question.cell, question.new_user), None,
                            note=WORKING_TEXT)
        self.waterfall.show_waterfall(None)
        self._note.hide()

    def _show_answer(self, answer: Answer) -> None:
        """Show head, bars and cards of an answer."""
        question, other = answer.question, answer.question.other
        own, others = self._told(answer)
        self.head.show_cell(
            words_of(question.known, question.cell, question.new_user), own, others,
            other.name if other is not None else "", self._head_note(own))
        self.row.offer(answer.own, has_other=other is not None)
        self._show_bars()
        self._pages.setCurrentWidget(self._body)

    def _head_note(self, own: Told | None) -> str:
        """Return what copy is explained, and what is missing for more; "" for neither."""
        assert self._run_model is not None
        trial = self._run_model.trial
        parts = [f"{trial.text[:1].upper()}{trial.text[1:]}."] if trial is not None else []
        if own is not None and not own.explanation.knows_ratings:
            parts.append(NO_RATINGS)
        return " ".join(parts)

    def _told(self, answer: Answer) -> tuple[Told | None, Told | None]:
        """Return what each model says, with its name."""
        question, other = answer.question, answer.question.other
        scale = question.scale
        shown_name = other.shown_name if other is not None else OPEN_MODEL
        own = (Told(f"A, {shown_name}", answer.own, question.model.scale, scale)
               if answer.own is not None and question.model is not None else None)
        others = (Told(f"B, {other.name}", answer.other, other.model.scale, scale)
                  if answer.other is not None and other is not None else None)
        return own, others

    def _show_bars(self) -> None:
        """Show the waterfall that is chosen, or say why there is none."""
        if self._answer is None:
            return
        told = self._told(self._answer)[self.row.is_other]
        self._show_cards(self._answer, told)
        waterfalls = waterfalls_of(told.explanation) if told is not None else {}
        key = self.row.key if self.row.key in waterfalls else "parts"
        waterfall = waterfalls.get(key)
        is_member = key.startswith("member")
        self.waterfall.show_waterfall(waterfall, key.capitalize() if is_member else "Predicted")
        note = waterfall.note if waterfall is not None else ""
        if is_member and told is not None:
            note = MEMBER_TEXT.format(len(told.explanation.members))
        self._note.setText(note)
        self._note.setVisible(bool(note))
        self._bars_box.setVisible(self._answer.own is not None)
        self._hint.setVisible(waterfall is None)
        self._hint.setText(UNTRAINED_TEXT if self._answer.own is None else UNKNOWN_TEXT)
        self.waterfall.setVisible(waterfall is not None)

    def _show_cards(self, answer: Answer, told: Told | None) -> None:
        """Show the cards as the chosen model has them; without it, what the ratings say."""
        cards = ((told.explanation.user_card, told.explanation.item_card) if told is not None
                 else answer.cards)
        scale = answer.question.scale
        for card, widget in zip(cards, self.cards, strict=True):
            widget.show_card(card, told.scale if told is not None else scale, scale,
                             has_model=told is not None,
                             knows_ratings=told is None or told.explanation.knows_ratings)

    def _on_followed(self, bar: Bar) -> None:
        """Pin the cell of a rating: another item of the user, or another user of the item."""
        state = self._state
        if state is None or state.pinned is None or bar.index is None:
            return
        user, item = state.pinned
        is_rater = self.row.key == "raters"
        state.set_pinned((bar.index, item) if is_rater else (user, bar.index))

    def _on_copy_requested(self) -> None:
        """Copy everything that is known of the cell."""
        answer = self._answer
        if answer is not None:
            question = answer.question
            words = words_of(question.known, question.cell, question.new_user)
            QApplication.clipboard().setText(
                copied_text(words, [told for told in self._told(answer) if told is not None]))

    def exportables(self) -> tuple[Exportable, ...]:
        """Return the waterfall."""
        return (self._exportable,)

    def _export_lines(self) -> list[str]:
        """Return the pinned cell, and what the model says of it, in a line each."""
        answer = self._answer
        return [] if answer is None else cell_lines(
            words_of(answer.question.known, answer.question.cell, answer.question.new_user),
            self._told(answer)[self.row.is_other])

    def catch_up(self) -> None:
        """Ask for what was not asked while hidden."""
        self._ask()
