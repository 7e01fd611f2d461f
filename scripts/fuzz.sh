#!/bin/sh
# fuzz.sh DURATION: runs every fuzz target of the module for that long. `go test -fuzz` takes
# one target of one package at a time.
set -eu
cd "$(dirname "$0")/.."
: "${GO:=go}"
duration=${1:-10s}

# Asking a package for its targets compiles its tests, so only those that can have some.
directories=$(git ls-files --cached --others --exclude-standard -- '*_test.go' |
	xargs -r grep -l '^func Fuzz' | xargs -r -n 1 dirname | sort -u)
for directory in $directories; do
	for target in $($GO test -list '^Fuzz' "./$directory" | grep '^Fuzz'); do
		echo "== $directory $target"
		$GO test -run '^$' -fuzz "^$target\$" -fuzztime "$duration" "./$directory"
	done
done
