#!/bin/sh
# Unpacks the libraries of packages.txt for another architecture into a folder, for cross-building: nothing
# is installed, and nothing but the folder is written.
#   tools/sysroot.sh ARCHITECTURE FOLDER
set -eu
architecture=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
packages=$(grep -E '^(lib|zlib)' "$(dirname "$0")/packages.txt")
[ -e "$folder/complete" ] && exit 0

# apt with a world of its own: an empty list of installed packages, so that everything is fetched.
apt=$folder/apt
mkdir -p "$apt/lists/partial" "$apt/archives/partial"
: >"$apt/status"
fetch() {
    apt-get -qq -o APT::Architecture="$architecture" -o APT::Architectures::="$architecture" \
        -o APT::Install-Recommends=false -o APT::Sandbox::User= -o Debug::NoLocking=1 \
        -o Dir::State="$apt" -o Dir::State::Lists="$apt/lists" -o Dir::State::status="$apt/status" \
        -o Dir::Cache="$apt" -o Dir::Cache::archives="$apt/archives" -o Dir::Etc::parts="$apt/none" "$@"
}
fetch update
fetch install -y --download-only libc6-dev libgomp1 $packages >/dev/null
for package in "$apt"/archives/*.deb; do dpkg-deb -x "$package" "$folder"; done

# Absolute links would lead out of the folder.
find "$folder/lib" "$folder/usr" -type l -lname '/*' | while read -r link; do
    ln -sfnr "$folder$(readlink "$link")" "$link"
done
rm -rf "$apt"
: >"$folder/complete"
