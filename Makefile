# The two commands: `make run` and `make test`. Both set everything up themselves; `make help` lists the others.
SHELL := /bin/bash
PORT ?= 8000
export PORT

.PHONY: help run test parity check bench setup lock texts clean picture

help: ## cette liste
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1	/'

run: ## prépare tout, charge les exemples, sert http://127.0.0.1:$(PORT)
	@scripts/setup
	@exec .venv/bin/depeches serve --samples

test: ## prépare tout et passe les tests, sur un vrai Elasticsearch
	@scripts/setup tests
	@.venv/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --durations=25

parity: ## les alertes contre la recherche, en grand : 2 000 recherches, 500 dépêches, des processus tués
	@scripts/setup tests
	@PARITY_SEARCHES=2000 .venv/bin/python -m pytest tests/alerts/test_parity.py

check: ## style, types, sens des dépendances entre pièces
	@scripts/setup tests
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && .venv/bin/lint-imports

bench: ## les mesures de bench/, chacune contre sa référence
	@scripts/setup
	@set -e; for name in load ingest readers repair stemmers stories folding; do echo "== bench.$$name"; .venv/bin/python -m bench.$$name; done

setup: ## seulement la préparation
	@scripts/setup

lock: ## refait les requirements*.txt d'après pyproject.toml (demande uv)
	@uv pip compile --quiet --generate-hashes --universal --no-annotate --no-header --python-version 3.11 -o requirements.txt --extra build pyproject.toml
	@uv pip compile --quiet --generate-hashes --universal --no-annotate --no-header --python-version 3.11 -c requirements.txt -o requirements-oidc.txt --extra build --extra limits --extra oidc pyproject.toml
	@uv pip compile --quiet --generate-hashes --universal --no-annotate --no-header --python-version 3.11 -c requirements-oidc.txt -o requirements-dev.txt --extra build --extra limits --extra oidc --extra dev pyproject.toml

texts: ## met dans le catalogue anglais les textes nouveaux des pages, et dit ceux qui n'y ont pas d'anglais
	@scripts/setup
	@.venv/bin/python -m web.extraction

clean: ## enlève l'environnement et les caches du dossier
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info build artefacts

# A browser writes its date fields in its own language: French with the package chromium-l10n and this variable.
picture: ## refait l'image du README dans un vrai navigateur
	@scripts/setup tests
	@LANGUAGE=fr .venv/bin/python -m pytest tests/web/test_browser.py -k lavrov && cp artefacts/page.png docs/page.png
