# The verbs; what they do is in dev/ (start with dev/__main__.py).
.PHONY: help demo test test-fast test-core lint shell pot clean bench
.DEFAULT_GOAL := help

PYTHON ?= python3

help demo test lint shell pot clean bench:
	@$(PYTHON) -m dev $@

test-fast test-core:
	@$(PYTHON) -m dev $@ '$(T)'
