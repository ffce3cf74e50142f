"""loccit beside txtai and beside the plain stack of most tutorials, measured over HTTP in one run: ``make bench``.

The same passages, questions, encoder and number of passages asked for. `systems` says how each is built, served
and asked, `rounds` what is measured of it and in which order, `report` what is said of the figures.
"""
