# make           set up, check the raw data, run the analysis, draw the figures, write the paper
# make test      run every check
# make help      all words and parameters
#
# This file only hands over to run.py, which does the same without make: python run.py help.
# The steps themselves are stated in src/kzclusters/pipeline.py.

.DEFAULT_GOAL := all-or-run
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory
SHELL := /bin/sh

# Parameters are what the command line gives: YEAR=2014, or a misspelt one, which run.py refuses.
# They are handed over as they are: quoted for the shell, and never expanded by make.
given := $(foreach v,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $v))),$v))
unexport $(given)
MAKEOVERRIDES :=
define newline


endef
quote = '$(subst $(newline), ,$(subst ','\'',$1))'
arguments = $(foreach v,$(given),$(call quote,$v=$(value $v)))

run = @for python in python3 python3.13 python3.12 python3.11 python; do \
	  command -v $$python >/dev/null 2>&1 && exec $$python run.py $1 $(arguments); \
	done; echo "error: Python 3.11 to 3.13 is needed and was not found" >&2; exit 1

.PHONY: all-or-run FORCE
all-or-run:
	$(call run,)

# every other word, also one that is the name of a file or a folder
%: FORCE
	$(call run,$(call quote,$@))

FORCE:
Makefile: ;
