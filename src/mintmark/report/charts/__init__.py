"""How pictures are drawn: one file for each kind of chart, all of one look, in the page's own colours."""
