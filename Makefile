# The four commands of the project. Each installs what it needs on a bare Debian 12 with Swift.
.PHONY: demo test bench lint browser screenshots

# Suites that measure waits or kill servers run one after another, so that the others' load does not decide them.
TIMED = ConnectionTests|PoolTests|OutageTests|CancellationTests|PasswordTests|SignInTests|SessionAPITests|HTTP1CorpusTests|InputCorpusTests|DatabaseOutageTests|LimitTests|ShutdownTests|ObservationTests|TLSTests|CLITests

demo:
	@docker/install-debian.sh build
	swift build -c release --product waymark
	@exec .build/release/waymark demo $(ARGS)

test:
	@docker/install-debian.sh test
	swift build --product waymark
	swift build --product waymarkPackageTests
	swift test --skip-build --skip '$(TIMED)'
	swift test --skip-build --no-parallel --filter '$(TIMED)'

# The browser's walks and the API's contract, against a debug build.
browser:
	@docker/install-debian.sh test
	swift build --product waymark
	@Tests/Browser/run $(ARGS)

# The main pages of each role as pictures in screenshots/.
screenshots:
	@docker/install-debian.sh test
	swift build --product waymark
	@Tests/Browser/run screenshots.py

bench:
	@docker/install-debian.sh bench
	swift build -c release --product Bench
	@.build/release/Bench $(ARGS)

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests sql
