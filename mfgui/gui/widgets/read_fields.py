"""A field for each kind of reading option, all with one interface.

``value()`` is what the person set, or None where the file decides; ``show_value`` shows it with
what was found, without telling ``edited``.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from mfgui.data.options import ENCODINGS, OptionInfo, columns_text
from mfgui.gui.widgets.choice_fields import QuietComboBox
from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.number_field import number_text

CHOICE_WORDS = {
    "zeros": {"rating": "is a rating", "missing": "means no rating"},
    "duplicates": {"last": "the last counts", "first": "the first counts", "mean": "averaged",
                   "max": "the largest counts", "sum": "added up", "reject": "rejected"},
    "decimal": {"point": "point: 3.5", "comma": "comma: 3,5"},
    "encoding": ENCODINGS,
}
SWITCH_WORDS = {True: "yes", False: "no"}
SIGN_WORDS = {",": "comma", "\t": "tab", ";": "semicolon", " ": "blank", "|": "bar"}


def words_of(info: OptionInfo, value: Any) -> str:
    """Return an option's value as people write it."""
    if value is None:
        return ""
    if info.kind == "switch":
        return SWITCH_WORDS[bool(value)]
    if info.kind == "columns":
        return columns_text(value)
    if info.kind in ("number", "count"):
        return number_text(value)
    words = SIGN_WORDS if info.name == "delimiter" else CHOICE_WORDS.get(info.name, {})
    return words.get(str(value), str(value))


def found_text(info: OptionInfo, found: Any) -> str:
    """Return "found: tab", or what an option is where nothing is set."""
    if found is not None and found != "":
        return f"found: {words_of(info, found)}"
    return {"filters": "all", "names": "none", "values": "none"}.get(info.group, "as found")


class ChoiceField(QuietComboBox):
    """One of several; the first entry leaves it to the file, where the option allows that.

    Signals
    -------
    edited : the person chose
    """

    edited = Signal()

    def __init__(self, info: OptionInfo, choices: dict[Any, str] | None = None) -> None:
        super().__init__()
        self.info = info
        self._has_found = info.default is None
        self.set_choices(choices if choices is not None else choices_of(info))
        self.activated.connect(lambda _position: self.edited.emit())

    def set_choices(self, choices: dict[Any, str]) -> None:
        """Offer other choices."""
        wanted = [None, *choices] if self._has_found else list(choices)
        if wanted == [self.itemData(k) for k in range(self.count())]:
            return
        self.clear()
        if self._has_found:
            self.addItem("", None)
        for value, words in choices.items():
            self.addItem(words, value)

    def value(self) -> Any:
        """Return the chosen value."""
        return self.currentData()

    def show_value(self, value: Any, found: Any) -> None:
        """Show what is set, and what was found."""
        if self._has_found:
            self.setItemText(0, found_text(self.info, self._words(found)))
        position = self.findData(value)
        if position < 0 and value is not None:
            self.addItem(str(value), value)
            position = self.count() - 1
        self.setCurrentIndex(position)

    def _words(self, found: Any) -> Any:
        """Return the words of a found value that stands among the choices."""
        if found is None or self.info.kind == "switch":
            return found
        position = self.findData(found)
        return self.itemText(position) if position > 0 else found


def choices_of(info: OptionInfo) -> dict[Any, str]:
    """Return an option's choices with their words."""
    if info.kind == "switch":
        return dict(SWITCH_WORDS)
    return {choice: words_of(info, choice) for choice in info.choices}


class TextField(QLineEdit):
    """Any text, a number or a time; empty leaves it to the file.

    Signals
    -------
    edited : the person typed
    """

    edited = Signal()

    def __init__(self, info: OptionInfo) -> None:
        super().__init__()
        self.info = info
        self.textEdited.connect(lambda _text: self.edited.emit())

    def value(self) -> str | None:
        """Return the text, or None where it is empty; a decimal comma becomes a point."""
        text = self.text().strip()
        if self.info.kind == "number" and text.count(",") == 1 and "." not in text:
            text = text.replace(",", ".")
        return text or None

    def show_value(self, value: Any, found: Any) -> None:
        """Show what is set, and what was found; what is being typed is left as it is."""
        self.setPlaceholderText(found_text(self.info, found))
        words = words_of(self.info, value)
        if (self.value() or "") != words and not self._is_same_number(words):
            self.setText(words)

    def _is_same_number(self, words: str) -> bool:
        """Return whether "5." or "05" is only another way to write what is set."""
        if self.info.kind not in ("number", "count"):
            return False
        try:
            return float(self.value() or "") == float(words)
        except ValueError:
            return False


class SignField(QuietComboBox):
    """A separator: one of the usual ones, or any other text.

    Signals
    -------
    edited : the person chose or typed
    """

    edited = Signal()

    def __init__(self, info: OptionInfo) -> None:
        super().__init__()
        self.info = info
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self._line = QLineEdit()
        self.setLineEdit(self._line)
        # "c" is a sign of its own, not the beginning of "comma".
        self._line.setCompleter(None)  # type: ignore[arg-type]  # the stubs leave out None
        self.addItems(list(info.choices))
        self.setCurrentIndex(-1)
        self._line.textEdited.connect(lambda _text: self.edited.emit())
        self.activated.connect(lambda _position: self.edited.emit())

    def value(self) -> str | None:
        """Return the separator, or None where it is left to the file."""
        text = self.currentText()
        return (text.strip() or text) or None

    def show_value(self, value: Any, found: Any) -> None:
        """Show what is set, and what was found."""
        self._line.setPlaceholderText(found_text(self.info, found))
        if (self.value() or "") != (value or ""):
            self.setCurrentIndex(self.findText(value or ""))
            self.setEditText(value or "")


class FileField(QWidget):
    """The path of a file, with a button that asks for it.

    Signals
    -------
    edited : another file was named
    """

    edited = Signal()

    def __init__(self, info: OptionInfo) -> None:
        super().__init__()
        self.info = info
        self._line, self._button = QLineEdit(), QPushButton("...")
        self._line.textEdited.connect(lambda _text: self.edited.emit())
        self._button.setProperty("isSmall", True)
        describe(self._button, f"Choose the file of {info.label.lower()}",
                 f"Choose the file: {info.help}")
        self._line.setWhatsThis(info.help)
        self._button.setObjectName(f"{info.name}Choose")
        self._button.setFixedWidth(34)
        self._button.clicked.connect(self._on_choose)
        self.setFocusProxy(self._line)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._line, 1)
        layout.addWidget(self._button)

    def setAccessibleName(self, name: str) -> None:
        """Name the line, which has the focus."""
        self._line.setAccessibleName(name)

    def value(self) -> str | None:
        """Return the path, or None."""
        return self._line.text().strip() or None

    def show_value(self, value: Any, found: Any) -> None:
        """Show what is set, and what was found."""
        self._line.setPlaceholderText(found_text(self.info, found))
        if (self.value() or "") != (value or ""):
            self._line.setText(value or "")
        self._line.setToolTip(value or self.info.help)

    def _on_choose(self) -> None:
        dialog = QFileDialog(self, self.info.label)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._take)
        dialog.open()

    def _take(self, path: str) -> None:
        self._line.setText(path)
        self.edited.emit()


Field = ChoiceField | TextField | SignField | FileField


def make_field(info: OptionInfo) -> Field:
    """Return the field that suits an option."""
    field: Field
    if info.kind == "file":
        field = FileField(info)
    elif info.name in ("format", "part") or info.kind in ("choice", "switch"):
        field = ChoiceField(info)
    elif info.kind == "text" and info.choices:
        field = SignField(info)
    else:
        field = TextField(info)
    field.setObjectName(f"{info.name}Field")
    field.setToolTip(info.help)
    field.setWhatsThis(info.help)
    field.setAccessibleName(info.label)
    field.setAccessibleDescription(info.help)
    field.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    field.setMinimumWidth(110)
    return field
