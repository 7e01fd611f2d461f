#!/bin/sh
# matrix.sh VERSION...: runs the tests that need a server on each of these PostgreSQL
# releases, and fails at the end if one of them did.
set -eu
cd "$(dirname "$0")/.."
: "${GO:=go}" "${TESTFLAGS:=}"

# Packages whose tests get at internal/testdb, directly or through another package. The
# rest would do the same on every release.
packages=$($GO list -test -f '{{.ImportPath}} {{join .Deps " "}}' ./... |
	awk '/\/internal\/testdb( |$)/ && $1 ~ /\.test$/ { sub(/\.test$/, "", $1); print $1 }')

failed=
for version in "$@"; do
	echo "== PostgreSQL $version"
	# shellcheck disable=SC2086 # lists of words
	$GO run ./internal/testservers -install -postgres-version "$version" -- \
		$GO test -count=1 $TESTFLAGS $packages || failed="$failed $version"
done
if [ -n "$failed" ]; then
	echo "failed on PostgreSQL:$failed" >&2
	exit 1
fi
