#!/bin/sh
# Installs those of the named Debian packages that are missing; without names, what building, running and
# testing need (packages.txt). Says so before it uses sudo.
#   tools/setup.sh [PACKAGE...]
set -eu
missing=
for package in ${*:-$(grep -v '^#' "$(dirname "$0")/packages.txt")}; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null; then
    echo "setup: these packages are needed and there is no apt-get to install them:$missing" >&2
    exit 1
fi
sudo=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup: these packages are needed and there is no sudo; as root: apt-get install$missing" >&2
        exit 1
    fi
    sudo=sudo
    echo "setup: installing with sudo:$missing"
else
    echo "setup: installing:$missing"
fi
$sudo apt-get update -qq
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
