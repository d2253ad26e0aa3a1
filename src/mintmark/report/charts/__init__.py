"""How pictures are drawn: one file for each kind of chart, all of one look, in the page's own colours."""

import sys

import pygal

# pygal puts a finder of a kind that Python gave up among those that every import asks. It serves pygal's maps alone,
# which are not used here, and would make each failed import of anybody's code warn.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]
