# make           set up, check the raw data, run the analysis, draw the figures
# make test      run every check
# make help      all targets in words
#
# Targets are files. Notebooks are executed in their place, so a step's target is a stamp in
# build/, written when the step has succeeded; a step whose output is gone runs again. build/ is
# not committed: on a fresh clone everything runs.

.DEFAULT_GOAL := default
.DELETE_ON_ERROR:
# Steps that do not need one another run side by side.
MAKEFLAGS += -j2
.SUFFIXES:
SHELL := /bin/sh

# --- parameters of a run of one's own: make YEAR=2014 SCALING=rank -------------------------
# Only what is given on the command line counts: a variable of the environment is no choice.
given = $(if $(filter command,$(origin $(1))),$($(1)))
overrides := $(if $(call given,YEAR),--set year=$(YEAR)) \
  $(if $(call given,SCALING),--set scaling=$(SCALING)) \
  $(if $(call given,LINKAGE),--set linkage=$(LINKAGE)) \
  $(if $(call given,K),--set n_clusters=$(K)) \
  $(if $(call given,INDICATORS),--set 'indicators=$(INDICATORS)') \
  $(if $(call given,TABLE),--set 'table_path=$(TABLE)') \
  $(if $(call given,NOISE_DRAWS),--set noise_draws=$(NOISE_DRAWS)) \
  $(if $(call given,NAME),--name '$(NAME)')
overrides := $(strip $(overrides))

# --- environment ---------------------------------------------------------------------------
VENV := .venv
ENV := $(VENV)/.complete
PY := $(VENV)/bin/python
# Paths in outputs, and the order of sets, do not depend on the machine.
export PYTHONHASHSEED := 0
export SOURCE_DATE_EPOCH := 1420070400
export MPLBACKEND := agg
# The matrices are small: more threads cost more than they bring, and one gives one result.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

# --- what there is -------------------------------------------------------------------------
ARTICLE := $(addprefix data/raw/,published_clusters.csv innovation_infrastructure.csv errata.csv \
  claims.csv article_content.yml)
PLACES := data/raw/tile_grid.csv data/raw/neighbours.csv data/raw/glossary.csv
SERIES := $(filter-out $(ARTICLE) $(PLACES),$(wildcard data/raw/*.csv))
# All code: whatever changes in it makes every step stale.
CODE := $(shell find src packages/hclustkit/src -name "*.py" -o -name "*.yml" | LC_ALL=C sort)

# Outputs by step; the figures of a step are those that the manifest gives to its notebook.
drawn = $(foreach f,$(shell sed -n '/^  - name: /{s/^  - name: //;h;};/^    notebook: $(1)$$/{g;p;}' figures/manifest.yml),figures/$(f).svg figures/$(f).png)
table = $(addprefix data/processed/,$(addsuffix .csv,$(1)))
OUT_01 := $(call table,indicators) $(call drawn,01_indicators)
OUT_02 := $(call table,standardized proximity_matrix agglomeration_schedule cluster_membership linkages \
  validity_indices validity_votes gap_statistic silhouettes cluster_stability multiscale_bootstrap) \
  $(call drawn,02_ward_clustering)
OUT_03 := data/processed/results.json $(call table,published_clusters cluster_profiles claims \
  claims_evidence) $(call drawn,03_results)
OUT_04 := data/processed/robustness.json $(call table,exact_specifications recovery coassociation \
  consensus variance_shares noise_survival leave_out) $(call drawn,04_robustness)
OUT_05 := $(call drawn,05_ward_by_hand)
PAPER := $(addprefix paper/paper.,pdf html docx)

COMPUTED := $(wildcard data/processed/* figures/*.svg figures/*.png figures/*.csv figures/*.json \
  notebooks/*.ipynb notebooks/*/*.ipynb README.md data/README.md $(PAPER) paper/record.json)

# FORCE where one of the files is not there.
gone = $(if $(filter-out $(wildcard $(1)),$(1)),FORCE)
# The series of the last run: one that has been taken away leaves no newer file behind.
READ := $(shell cat build/series.list 2>/dev/null)

.PHONY: default all run paper explorer site figure3 verify test lab bench seal clean help FORCE
FORCE:

default: $(if $(overrides),run,all)

## all: the whole analysis of the study file (what `make` alone does)
all: build/all.done

build/all.done: build/00_start_here.done build/05_solutions.done build/readme.done build/paper.done \
  build/crate.done
	@echo
	@echo "Done. The results:"
	@echo "  data/processed/   indicators, proximity matrix, agglomeration schedule, membership, results.json"
	@echo "  figures/          every figure as SVG and PNG with the data it draws"
	@echo "  notebooks/        the executed notebooks; read 03_results.ipynb first, or run: make lab"
	@touch $@

## run: the study with other parameters, in a folder of its own: make YEAR=2014 SCALING=rank
##      (YEAR, SCALING, LINKAGE, K, INDICATORS, TABLE=a file of your own, NOISE_DRAWS, NAME)
run: $(ENV) build/raw.done
	$(PY) -m kzclusters.run study $(overrides)

$(ENV): requirements.lock pyproject.toml
	@sh tools/environment $(VENV)
	@touch $@

build:
	@mkdir -p $@

build/raw.done: $(SERIES) $(ARTICLE) $(PLACES) data/raw/datapackage.json $(ENV) $(call gone,$(READ)) \
  | build
	$(PY) -m kzclusters.evidence.sources check
	@touch $@

# The check of all raw files has to have passed before a step (after the bar), but what a step
# does not read makes it not stale.
STEP := study.yml figures/manifest.yml $(ENV)

build/01_indicators.done: notebooks/01_indicators.ipynb $(SERIES) data/raw/tile_grid.csv \
  $(CODE) $(STEP) $(call gone,$(OUT_01) $(READ)) | build/raw.done
	$(PY) -m kzclusters.run baseline 01_indicators
	@echo $(SERIES) > build/series.list
	@touch $@

build/02_ward_clustering.done: notebooks/02_ward_clustering.ipynb build/01_indicators.done \
  data/raw/regions.csv $(CODE) $(STEP) $(call gone,$(OUT_02)) | build/raw.done
	$(PY) -m kzclusters.run baseline 02_ward_clustering
	@touch $@

build/03_results.done: notebooks/03_results.ipynb build/02_ward_clustering.done $(SERIES) \
  $(ARTICLE) $(PLACES) $(CODE) $(STEP) $(call gone,$(OUT_03)) | build/raw.done
	$(PY) -m kzclusters.run baseline 03_results
	@touch $@

build/04_robustness.done: notebooks/04_robustness.ipynb build/03_results.done data/raw/neighbours.csv \
  $(CODE) $(STEP) $(call gone,$(OUT_04)) | build/raw.done
	$(PY) -m kzclusters.run baseline 04_robustness
	@touch $@

build/05_ward_by_hand.done: notebooks/05_ward_by_hand.ipynb build/01_indicators.done data/raw/glossary.csv \
  $(CODE) $(STEP) $(call gone,$(OUT_05)) | build/raw.done
	$(PY) -m kzclusters.run baseline 05_ward_by_hand
	@touch $@

build/05_solutions.done: notebooks/solutions/05_solutions.ipynb build/01_indicators.done $(CODE) $(STEP) | build/raw.done
	$(PY) -m kzclusters.run baseline solutions/05_solutions
	@touch $@

build/00_start_here.done: notebooks/00_start_here.ipynb build/04_robustness.done build/05_ward_by_hand.done \
  data/raw/glossary.csv $(CODE) $(STEP) | build/raw.done
	$(PY) -m kzclusters.run baseline 00_start_here
	@touch $@

build/readme.done: README.md data/README.md data/raw/datapackage.json build/04_robustness.done \
  build/05_ward_by_hand.done $(CODE) $(STEP)
	$(PY) -m kzclusters.publish.metadata.readme README.md data/README.md
	@touch $@

build/paper.done: $(filter-out $(PAPER) paper/record.json,$(wildcard paper/*)) build/04_robustness.done \
  build/05_ward_by_hand.done CITATION.cff $(CODE) $(STEP) $(call gone,$(PAPER))
	$(PY) -m kzclusters.publish.paper build
	@touch $@

# The fingerprints of all that was computed, and what is written with them.
build/checksums.done: build/00_start_here.done build/05_solutions.done build/readme.done \
  build/paper.done $(COMPUTED) $(CODE) $(call gone,checksums.sha256)
	$(PY) -m kzclusters.publish.metadata.checksums write
	@touch $@

build/reproducing.done: REPRODUCING.md build/checksums.done requirements.in requirements.lock \
  data/raw/datapackage.json $(CODE) $(STEP)
	$(PY) -m kzclusters.publish.metadata.readme REPRODUCING.md
	@touch $@

build/crate.done: build/reproducing.done Makefile CITATION.cff LICENSE LICENSE-TEXT-AND-FIGURES \
  $(wildcard data/raw/* paper/*) $(CODE) \
  $(call gone,ro-crate-metadata.json .zenodo.json)
	$(PY) -m kzclusters.publish.metadata.crate
	@touch $@

## paper: the manuscript as PDF, HTML and DOCX (part of `make`)
paper: build/paper.done

## figure3: a reviewer's shortest way: Figure 3 from the raw data, compared on one screen
figure3: $(ENV) | build
	$(PY) -m kzclusters.publish.metadata.reviewer

## verify: build the last commit again in a fresh clone and name every file that differs
verify: $(ENV)
	$(PY) -m kzclusters.publish.metadata.verify

## explorer: the page site/explorer.html: choose, and the clusters are computed in the page
explorer: site/explorer.html

EXPLORER := $(wildcard src/kzclusters/publish/explorer/*.* src/kzclusters/publish/explorer/vendor/*)
site/explorer.html: $(EXPLORER) $(CODE) data/processed/indicators.csv study.yml \
  $(addprefix data/raw/,regions.csv tile_grid.csv published_clusters.csv datapackage.json) $(ENV)
	$(PY) -m kzclusters.publish.explorer.build --out $@

## site: notebooks, paper, data dictionary and explorer as one static site in site/
site: site/index.html

SITE := $(CODE) $(wildcard docs/* docs/_static/* docs/_templates/*)
site/index.html: build/all.done $(SITE) $(EXPLORER)
	$(PY) -m kzclusters.publish.site
	@touch $@

## test: every check; sets up and builds what it needs
test: $(ENV)
	$(PY) -m pytest -n 2 --dist worksteal tests packages/hclustkit/tests
	$(PY) -m pytest -n 2 --dist loadfile --nbval --nbval-current-env notebooks

## lab: open the notebooks in JupyterLab
lab: $(ENV)
	$(VENV)/bin/jupyter lab --notebook-dir=. \
	  --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb

## bench: our speed beside that of other programs, in one run
bench: $(ENV)
	$(PY) benchmarks/run.py

## seal: after a deliberate change of the raw data: write the new SHA-256 into datapackage.json
seal: $(ENV)
	$(PY) -m kzclusters.evidence.sources seal

## clean: forget what was built (the environment and the committed results stay)
clean:
	rm -rf build runs site

## help: this list
help:
	@sed -n 's/^## \{0,1\}//p' Makefile
