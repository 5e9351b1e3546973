# The four commands of the project. Each installs what it needs on a bare Debian 12 with Swift.
.PHONY: demo test bench lint

demo:
	@docker/install-debian.sh build
	swift build -c release --product waymark
	@exec .build/release/waymark demo $(ARGS)

test:
	@docker/install-debian.sh test
	swift build --product waymark
	swift build --product waymarkPackageTests
	swift test --skip-build

bench:
	@docker/install-debian.sh bench
	swift build -c release --product Bench
	@.build/release/Bench $(ARGS)

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests sql
