#!/usr/bin/env bash
# release.sh FOLDER OS/ARCH…: build the program for each, twice, from two folders.
# The hashes must agree: whoever builds the same commit with the same Go gets the
# same program, and the same bill of what is in it. VERSION and COMMIT go into it, CYCLONEDX is the tool that writes
# the bill of materials.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# build SOURCE OUT PLATFORM
build() {
	local os=${3%/*} arch=${3#*/} name
	name=vpsops-$os-$arch
	[[ $os != windows ]] || name=$name.exe
	(cd "$1" && CGO_ENABLED=0 GOOS=$os GOARCH=$arch GOAMD64=v1 GOARM64=v8.0 GOFLAGS=-mod=readonly \
		go build -trimpath -buildvcs=false -tags timetzdata \
		-ldflags "-s -w -buildid= -X main.version=$VERSION -X main.commit=$COMMIT" -o "$2/$name" ./cmd/vpsops)
}

# The second source is a copy elsewhere: no path of this machine may be in it. A
# cache of its own would cost minutes and prove the compiler, not us.
mkdir "$work/source" "$work/again"
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$work/source" 2>/dev/null ||
	tar --exclude=./.git --exclude="./$out" -cf - . | tar -xf - -C "$work/source"

rm -rf "$out"
mkdir -p "$out"
for platform in "$@"; do
	echo "building $platform"
	build "$PWD" "$PWD/$out" "$platform"
	build "$work/source" "$work/again" "$platform"
done

# What each holds is in its own bill of materials: read from the binary, so it is
# what was built. It says neither when it was written nor by which number; the
# tool's own hash is in it, so the tool too is built without this machine's paths.
bill() {
	local binary
	for binary in "$1"/vpsops-*; do
		(cd "$2" && GOFLAGS=-trimpath go run "$CYCLONEDX" bin -json -licenses -noserial -notimestamp \
			-version "$VERSION" -output "$binary.cdx.json" "$binary")
	done
}
bill "$PWD/$out" "$PWD"
bill "$work/again" "$work/source"

(cd "$out" && sha256sum vpsops-* >SHA256SUMS)
(cd "$work/again" && sha256sum --quiet --check "$OLDPWD/$out/SHA256SUMS")
echo "built twice, the same $(wc -l <"$out/SHA256SUMS") hashes"
