#!/usr/bin/env bash
# Installs what a bare Debian 12 with Swift lacks. Says what is missing where it may not install.
#   docker/install-debian.sh [build|test|bench]     each includes the ones before it
#   docker/install-debian.sh containers             what runs containers where there is no Docker
set -euo pipefail

packages=(build-essential ca-certificates curl git libcurl4-openssl-dev libpq-dev libssl-dev make pkg-config postgresql-15 zlib1g-dev tzdata)
case "${1:-build}" in
    build) ;;
    test) packages+=(chromium-headless-shell libodbc2 nginx-light odbc-postgresql pgbouncer python3 python3-venv) ;;
    bench) packages+=(chromium-headless-shell libodbc2 nginx-light odbc-postgresql pgbouncer python3 python3-venv nghttp2-client wrk) ;;
    containers) packages=(aardvark-dns debootstrap iptables netavark openssl podman podman-compose runc) ;;
    *) echo "usage: $0 [build|test|bench|containers]" >&2; exit 64 ;;
esac

missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
# The server floor: row-security fixes of November 2026. An older minor version is upgraded where Debian has it.
installed=$(dpkg-query -W -f '${Version}' postgresql-15 2>/dev/null || true)
if [ -n "$installed" ] && dpkg --compare-versions "$installed" lt 15.20; then missing+=(postgresql-15); fi
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ]; then sudo=(); elif sudo -n true 2>/dev/null; then sudo=(sudo -n); else
    echo "Please install first: apt-get install ${missing[*]}" >&2
    exit 1
fi
echo "Installing what Debian has (a minute or two): ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
if [ ! -d /etc/postgresql-common ]; then
    # Waymark starts servers of its own; the package need not start one.
    "${sudo[@]}" mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' | "${sudo[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
fi
# Nor need nginx and PgBouncer, which tests start themselves. While this file is there Debian starts nothing it installs.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee $policy > /dev/null
    "${sudo[@]}" chmod 755 $policy
    trap '"${sudo[@]}" rm -f $policy' EXIT
fi
log=$(mktemp)
# Of apt's words only those that show how far it is; all of them where it fails.
if ! { "${sudo[@]}" apt-get update -q && "${sudo[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}"; } 2>&1 |
    tee "$log" | sed -un 's/^\(Need to get\|Get:\|Setting up\)/  &/p'; then
    cat "$log" >&2
    exit 1
fi
rm -f "$log"
