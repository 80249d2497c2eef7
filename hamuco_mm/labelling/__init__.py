"""2D pseudo labels: made by a 2D model, read from files, cleaned.

``tools/misc/pseudo_label.py`` and ``tools/misc/clean_labels.py`` are these
parts put together; ``docs/pseudo_labels.md`` describes them. Import what you
need from its module.
"""
