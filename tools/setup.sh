#!/bin/sh
# Installs the Debian packages of the given list that are missing. Says so before it uses sudo.
#   tools/setup.sh [LIST]
set -eu
list=${1:-$(dirname "$0")/packages.txt}
missing=
for package in $(grep -v '^#' "$list"); do
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
