# make demo · make test · make check · make bench · make prove · make shots
# make compiled · make pure
.PHONY: demo test check ready bench prove shots compiled pure schemas lint types imports venv packages

ARGS ?=
RUN := .venv/bin/
# A file of tests stays in one process; ARGS=-n0 keeps all of them in one.
LANES := -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

demo: venv
	@exec $(RUN)warmstation demo $(ARGS)

test: venv packages
	$(RUN)pytest -m "not slow" $(LANES) $(ARGS)

# Debian's packages come while pip's do, and while the code is read.
check:
	@$(MAKE) --jobs=2 --output-sync=target ready
	@$(MAKE) test

ready: packages lint types imports

# Everything that is too long for every change: full-size fault injection.
prove: venv packages
	@.ci/debian qemu-user-static
	$(RUN)pytest -m slow $(ARGS)

bench: venv packages
	@.ci/debian wrk nginx-light
	@$(RUN)python -m tests.bench $(ARGS)

shots: venv packages
	$(RUN)python -m tests.browser.shots $(ARGS)

# The hot rooms as machine code, beside their sources: edits there are not seen until `make pure`.
compiled: venv pure
	WARMSTATION_COMPILE=1 $(RUN)python -m pip install --quiet --no-deps --no-build-isolation --editable .

pure:
	@find server -name '*.so' -delete

schemas: venv
	$(RUN)python -m warmstation_wire.schema

lint: venv
	$(RUN)ruff format --check .
	$(RUN)ruff check .
	$(RUN)python -m warmstation_wire.schema --check

types: venv
	$(RUN)mypy

imports: venv
	$(RUN)lint-imports

venv:
	@.ci/venv

# What the tests start: a real broker, a real browser that can show Chinese.
packages:
	@.ci/python
	@.ci/debian mosquitto mosquitto-clients chromium fonts-noto-cjk libatomic1 openssl postgresql prometheus \
	  victoria-metrics shellcheck nftables systemd qemu-system-x86 busybox-static cpio e2fsprogs nginx-light caddy \
	  docker-compose mmdebstrap gcc libc6-dev python3-dev
