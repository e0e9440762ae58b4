"""Settings of the documentation: Markdown through MyST, the furo theme, every warning an error."""

from profilegen import __version__

project = "profilegen"
project_copyright = "The profilegen maintainers"
release = __version__

extensions = ["myst_parser"]
exclude_patterns = ["_build"]
source_suffix = {".md": "markdown"}
nitpicky = True

# Headings get anchors, so that pages can link into each other.
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence", "deflist"]

html_theme = "furo"
html_title = f"profilegen {release}"
html_show_sphinx = False
