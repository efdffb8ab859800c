# The two commands of the house. Both set up everything they need (config/bootstrap.py).
#   make run  [PORT=8000] [STELLWAND_HOME=folder]
#   make test
PYTHON ?= python3

.PHONY: run test

run: export DEBUG ?= 1
run:
	@$(PYTHON) -I config/bootstrap.py run
	@.venv/bin/python manage.py run

test:
	@$(PYTHON) -I config/bootstrap.py test
