#!/bin/sh
# unchanged.sh COMMAND...: runs a command in the root of the repository and fails if it
# changed, made or removed a file that git does not ignore. The tree may be dirty before.
set -eu
cd "$(dirname "$0")/.."

state() {
	git ls-files --cached --others --exclude-standard -z | sort -zu |
		xargs -0 sha256sum 2>/dev/null || true # files that are deleted but not committed
}

before=$(mktemp)
after=$(mktemp)
trap 'rm -f "$before" "$after"' EXIT
state >"$before"
"$@"
state >"$after"
if ! diff "$before" "$after" >&2; then
	echo "changed by: $*" >&2
	exit 1
fi
