"""What can be done with runs, the same in the list and in the table: a menu, and keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QInputDialog, QMenu, QPlainTextEdit, QWidget

from mfgui.gui.project_model import ProjectModel
from mfgui.gui.run_words import CAN_CONTINUE

Key = Qt.Key


def run_menu(parent: QWidget, project: ProjectModel, ids: Sequence[int],
             rename: Callable[[], None]) -> QMenu:
    """Return the menu of the chosen runs; ``rename`` opens a field in the row."""
    menu = QMenu(parent)
    menu.setToolTipsVisible(True)
    if len(ids) == 1:
        _add_single(menu, parent, project, ids[0], rename)
    _add_marks(menu, project, ids)
    if len(ids) == 2:
        _add(menu, "&Compare the two", lambda: project.compare_wanted.emit(ids[0], ids[1]),
             "Show both in the same panels: curves together, matrices A, B and A − B.")
    menu.addSeparator()
    word = "&Delete" if len(ids) == 1 else f"&Delete {len(ids):,} runs"
    delete = _add(menu, word, lambda: project.delete(ids), "Undo brings it back.", "Delete")
    delete.setEnabled(not project.is_read_only and any(k != project.running_run for k in ids))
    undo = _add(menu, "&Undo deletion", project.undo_delete,
                "Bring back the runs that were deleted last.", "Ctrl+Z")
    undo.setEnabled(project.can_undo)
    return menu


def _add(menu: QMenu, text: str, slot: Callable[[], object], tip: str = "", keys: str = ""):  # type: ignore[no-untyped-def]
    """Add an action; ``keys`` are only written beside it: the view itself takes them."""
    action = menu.addAction(text)
    action.triggered.connect(lambda *_: slot())
    action.setToolTip(tip)
    action.setWhatsThis(tip)
    if keys:
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
    return action


def _add_single(menu: QMenu, parent: QWidget, project: ProjectModel, run_id: int,
                rename: Callable[[], None]) -> None:
    """Add what is done with one run."""
    run = project.run(run_id)
    is_running = run_id == project.running_run
    _add(menu, "&Show", lambda: project.show_wanted.emit(run_id),
         "Show its model in the matrices and its curve.", "Return")
    go_on = _add(menu, "&Continue", lambda: project.continue_wanted.emit(run_id),
                 "Train on from where it stood.")
    go_on.setEnabled(project.running_run is None and run.status in CAN_CONTINUE
                     and not project.is_read_only)
    _add(menu, "Settings into the &form", lambda: project.duplicate_wanted.emit(run_id),
         "Fill the form with its method and settings, for the next run.")
    again = _add(menu, "Run &again and compare bits", lambda: project.again_wanted.emit(run_id),
                 "Train once more with the same settings and see whether the result is the same "
                 "to the last bit.")
    again.setEnabled(project.running_run is None and not is_running)
    export = _add(menu, "E&xport model...", lambda: project.export_wanted.emit(run_id),
                  "Write its model to a file.")
    export.setEnabled("result" in run.roles)
    report = _add(menu, "Re&port...", lambda: project.report_wanted.emit(run_id),
                  "Write a report on it: one page that opens in any browser.")
    report.setEnabled(not is_running)
    menu.addSeparator()
    _add(menu, "&Rename", rename, "Call it something.", "F2")
    _add(menu, "&Note...", lambda: ask_note(parent, project, run_id), "Write something down.")


def _add_marks(menu: QMenu, project: ProjectModel, ids: Sequence[int]) -> None:
    """Add what marks runs; on where all of them have the mark."""
    for text, attribute, change, tip in (
        ("S&tar", "is_starred", project.star, "Worth keeping in mind."),
        ("Draw on the c&urve", "is_ticked", project.tick, "Draw it beside the shown run."),
    ):
        is_on = all(getattr(project.run(k), attribute) for k in ids)
        action = _add(menu, text, _for_all(change, ids, not is_on), tip)
        action.setCheckable(True)
        action.setChecked(is_on)


def _for_all(
    change: Callable[[int, bool], None], ids: Sequence[int], is_on: bool
) -> Callable[[], None]:
    def do() -> None:
        for k in ids:
            change(k, is_on)

    return do


def ask_note(parent: QWidget, project: ProjectModel, run_id: int) -> None:
    """Ask for the note of a run."""
    dialog = QInputDialog(parent.window())
    dialog.setWindowTitle(f"Note on run {project.label(run_id)}")
    dialog.setLabelText("Note:")
    dialog.setOption(QInputDialog.InputDialogOption.UsePlainTextEditForTextInput)
    dialog.setTextValue(project.run(run_id).note)
    for field in dialog.findChildren(QPlainTextEdit):
        field.setTabChangesFocus(True)  # else no key leads from it to the buttons
        field.setAccessibleName("Note")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def keep(text: str) -> None:
        if project.has(run_id):
            project.set_note(run_id, text)

    dialog.textValueSelected.connect(keep)
    dialog.open()


def is_claimed(event: QEvent, project: ProjectModel) -> bool:
    """Say whether a key is meant for the runs, though a menu of the window has it too."""
    return (event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
            and ((event.matches(QKeySequence.StandardKey.Undo) and project.can_undo)
                 or event.key() in (Key.Key_Delete, Key.Key_F2)))


def take_key(event: QKeyEvent, project: ProjectModel, ids: Sequence[int]) -> bool:
    """Do what a key asks for with the chosen runs; say whether it was one of ours."""
    if event.matches(QKeySequence.StandardKey.Undo) and project.can_undo:
        project.undo_delete()
    elif event.key() in (Key.Key_Delete, Key.Key_Backspace) and ids:
        project.delete(ids)
    elif event.key() in (Key.Key_Return, Key.Key_Enter) and len(ids) == 1:
        project.show_wanted.emit(ids[0])
    else:
        return False
    return True
