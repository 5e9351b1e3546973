# The four commands of the project. Each installs what it needs on a bare Debian 12 with Swift.
.PHONY: demo test test-containers test-versions bench bench-scale fuzz fuzz-guided race lint browser screenshots

# Where that has not been built yet: how long it will take. Installing and fetching show each package, building shows [n/m].
announce = @test -e .build/debug/$(1) || echo "The first time takes $(2) on two cores, most of it for building other people's code."

demo:
	$(call announce,waymark,5 to 8 minutes)
	@docker/install-debian.sh build
	swift build --product waymark
	@exec .build/debug/waymark demo $(ARGS)

test:
	$(call announce,waymarkPackageTests.xctest,7 to 14 minutes (less after a demo))
	@docker/install-debian.sh test
	swift build --build-tests
	@Tests/run

# Integration tests against a PostgreSQL in a container, and docker/compose.yml up to a sign-in. FILTER chooses other tests.
test-containers:
	@docker/install-debian.sh test
	swift build --product waymark
	swift build --product waymarkPackageTests
	@WAYMARK_REQUIRE_CONTAINERS=1 Tests/Containers/run $(FILTER)

# Integration tests against the newer versions of PostgreSQL. FILTER chooses other tests.
test-versions:
	@docker/install-debian.sh test
	swift build --product waymark
	swift build --product waymarkPackageTests
	@Tests/Versions/run '$(or $(FILTER),^(PostgresTests|TenancyTests|CaseworkTests|WebTests)\.)'

# Of the tests only the browser's walks and the API's contract, these more thoroughly: every page in every form.
browser:
	@docker/install-debian.sh test
	swift build --product waymark
	@WAYMARK_BROWSER_THOROUGH=1 Tests/Browser/run $(ARGS)

# One page of every kind, as each role sees it, as pictures in screenshots/.
screenshots:
	@docker/install-debian.sh test
	swift build --product waymark
	@Tests/Browser/run screenshots.py

bench:
	@docker/install-debian.sh bench
	swift build -c release --product Bench
	@.build/release/Bench $(ARGS)

# The same deployment with ever more institutions. ARGS='--sizes 10,100' for other numbers than 10, 100, 1,000 and 5,000.
bench-scale:
	@docker/install-debian.sh bench
	swift build -c release --product Bench
	@.build/release/Bench --scale $(ARGS)

# Spoilt input for every reader of outside input, for SECONDS each; the seed is printed, SEED repeats it.
fuzz:
	@docker/install-debian.sh test
	swift build --product waymarkPackageTests
	@WAYMARK_FUZZ_SECONDS=$(or $(SECONDS),60) WAYMARK_FUZZ_SEED=$(SEED) swift test --skip-build --filter 'FuzzTests'

# The same readers by libFuzzer, which follows the lines that an input reaches; what it finds is kept in .build/fuzzing/corpus.
fuzz-guided:
	@docker/install-debian.sh test
	WAYMARK_FUZZING=1 swift build --scratch-path .build/fuzzing --product Fuzzing -Xswiftc -sanitize=fuzzer -Xswiftc -parse-as-library
	@mkdir -p .build/fuzzing/corpus
	.build/fuzzing/debug/Fuzzing -max_total_time=$(or $(SECONDS),60) -artifact_prefix=.build/fuzzing/ .build/fuzzing/corpus

# The suites in which threads meet, under ThreadSanitizer, which tells of every two accesses that nothing keeps apart.
race:
	@docker/install-debian.sh test
	swift build --scratch-path .build/thread --sanitize=thread --product waymarkPackageTests
	@Tests/Race/run '$(FILTER)'

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests sql
