"""Light and dark of our own: a palette and a style sheet on Qt's Fusion style.

``QStyleHints.setColorScheme`` has no effect under plain X and pyqtgraph ignores the palette, so
the colours are ours and are handed to whoever draws itself. All text has at least 4.5 : 1 against
its ground; curves are told apart by line style as well, their colours are from the Okabe-Ito set.

Widgets ask for a look by a property, never by a colour: ``isPrimary`` on a button,
``role`` = "error", "warning", "muted", "heading", "title" or "card" on labels and frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory, QWidget

from mfgui.inspection.colours import luminance, rgb

_FOLDER = Path(__file__).parent
_HAS_STYLE = "hasFusion"  # a property of the application


@dataclass(frozen=True)
class Theme:
    """The colours of the window, each as ``#rrggbb``.

    Parameters
    ----------
    is_dark : bool
    window, base : str
        Grounds: of panels, and of fields, tables and menus.
    text, muted : str
        Text and secondary text.
    border : str
        Lines around fields.
    accent, accent_text : str
        The one colour that leads the eye, and the text on it.
    error, warning : str
        Text that tells of trouble.
    plot_ground, grid : str
        Ground and grid lines of plots.
    series : tuple of str
        Colours of curves: train, validation, test, data term, further runs.
    """

    is_dark: bool
    window: str
    base: str
    text: str
    muted: str
    border: str
    accent: str
    accent_text: str
    error: str
    warning: str
    plot_ground: str
    grid: str
    series: tuple[str, ...]

    @property
    def name(self) -> str:
        """"dark" or "light"."""
        return "dark" if self.is_dark else "light"


LIGHT = Theme(
    is_dark=False, window="#f4f5f7", base="#ffffff", text="#1b2430", muted="#596270",
    border="#c3c9d2", accent="#1f5fbf", accent_text="#ffffff", error="#b3261e", warning="#855300",
    plot_ground="#ffffff", grid="#e3e6ea",
    series=("#0072b2", "#c24f00", "#007a58", "#a3447f", "#6b5900", "#3f4a5a"),
)
DARK = Theme(
    is_dark=True, window="#181c22", base="#20262e", text="#e7ebf0", muted="#a3adba",
    border="#46505d", accent="#6aa9ff", accent_text="#0f1419", error="#ff9a90", warning="#f2bd5c",
    plot_ground="#12161b", grid="#2a313a",
    series=("#56b4e9", "#f0a03c", "#35c49a", "#e08fc0", "#e6d84a", "#c3cad4"),
)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours after WCAG 2, 1 to 21."""
    lights = sorted((luminance(rgb(one)), luminance(rgb(other))))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def mixed(one: str, other: str, share: float) -> str:
    """Return the colour ``share`` of the way from one to the other."""
    pairs = [(int(one[k:k + 2], 16), int(other[k:k + 2], 16)) for k in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def system_theme() -> Theme:
    """Return the theme that the system asks for; light where it does not say."""
    scheme = QApplication.styleHints().colorScheme()
    return DARK if scheme == Qt.ColorScheme.Dark else LIGHT


def chosen_theme(choice: str) -> Theme:
    """Return the theme of "system", "light" or "dark"; anything else counts as "system"."""
    return {"light": LIGHT, "dark": DARK}.get(choice) or system_theme()


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Give the whole application the theme; what draws itself is told by the main window."""
    if not app.property(_HAS_STYLE):  # its style's own name is lost in that of the style sheet
        app.setStyle(QStyleFactory.create("Fusion"))
        app.setProperty(_HAS_STYLE, True)
    app.setPalette(palette(theme))
    if (sheet := style_sheet(theme)) != app.styleSheet():  # 0.4 s with every panel made
        app.setStyleSheet(sheet)


def set_role(widget: QWidget, role: str) -> None:
    """Give a widget another role and repaint it with that role's look."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def icon(name: str, widget: QWidget) -> QIcon:
    """Return an icon that shows on the widget's ground."""
    is_dark = widget.palette().window().color().lightness() < 128
    return QIcon(str(_FOLDER / "icons" / f"{name}-{'dark' if is_dark else 'light'}.svg"))


def palette(theme: Theme) -> QPalette:
    """Return the theme as a palette, the disabled group included."""
    roles = QPalette.ColorRole
    colours = {
        roles.Window: theme.window, roles.WindowText: theme.text, roles.Base: theme.base,
        roles.AlternateBase: mixed(theme.base, theme.window, 0.6), roles.Text: theme.text,
        roles.Button: mixed(theme.window, theme.base, 0.7), roles.ButtonText: theme.text,
        roles.ToolTipBase: theme.base, roles.ToolTipText: theme.text,
        roles.PlaceholderText: theme.muted, roles.BrightText: theme.error,
        roles.Highlight: theme.accent, roles.HighlightedText: theme.accent_text,
        roles.Accent: theme.accent, roles.Link: theme.accent, roles.LinkVisited: theme.accent,
        roles.Light: mixed(theme.window, "#ffffff", 0.3), roles.Midlight: theme.base,
        roles.Mid: theme.border, roles.Dark: mixed(theme.border, "#000000", 0.3),
        roles.Shadow: mixed(theme.window, "#000000", 0.6),
    }
    result = QPalette()
    for role, colour in colours.items():
        result.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText, roles.HighlightedText):
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(disabled_text(theme)))
    result.setColor(QPalette.ColorGroup.Disabled, roles.Highlight, QColor(theme.border))
    return result


def disabled_text(theme: Theme) -> str:
    """Return the colour of text that cannot be acted on: paler, still readable."""
    return mixed(theme.muted, theme.window, 0.1)


def style_sheet(theme: Theme) -> str:
    """Return the style sheet in the theme's colours."""
    template = Template((_FOLDER / "style.qss").read_text(encoding="utf-8"))
    return template.substitute(
        window=theme.window, base=theme.base, text=theme.text, muted=theme.muted,
        border=theme.border, accent=theme.accent, accent_text=theme.accent_text,
        error=theme.error, warning=theme.warning, grid=theme.grid,
        disabled=disabled_text(theme), hover=mixed(theme.base, theme.accent, 0.10),
        pressed=mixed(theme.base, theme.accent, 0.22),
        button=theme.base, card=mixed(theme.window, theme.base, 0.75),
        accent_hover=mixed(theme.accent, theme.text, 0.16),
        accent_off=mixed(theme.window, theme.border, 0.45),
        track=mixed(theme.window, theme.border, 0.45),
        handle=mixed(theme.border, theme.muted, 0.35),
        icons=(_FOLDER / "icons").as_posix(), name=theme.name,
    )
