"""The window: the only place with Qt and pyqtgraph."""
