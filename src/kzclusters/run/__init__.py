"""Execute the pipeline, one of its notebooks, or the study with other parameters.

``python -m kzclusters.run build [STEP ...]`` brings every file that is stale up to date.
``execute NOTEBOOK`` executes one notebook in its place. ``study --set year=2014`` executes the
notebooks with other parameters in a folder under ``runs/`` and leaves the baseline alone.
"""
