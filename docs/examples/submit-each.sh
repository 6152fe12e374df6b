#!/bin/sh
# Reads e-mail addresses from standard input, one a line, and asks for each of them. Stops for every
# reason to stop. It may be run as often as you like: whom it has asked for before, in whatever
# spelling, is told as "already" and costs nothing. For long lists use `ziadeck bulk`.
set -u
# The last line counts too where the file ends without a line break.
while read -r email || [ -n "$email" ]; do
    ziadeck submit --module Leads --email "$email" --json </dev/null
    code=$?
    case $code in
        0 | 3 | 5) ;;                       # done, already done, or refused: nothing more to do
        8) echo "unknown: $email" >&2 ;;    # reconcile settles it; it is never sent again here
        7) echo "no connection; stopped before $email" >&2; exit 7 ;;
        *) exit "$code" ;;
    esac
done
exec ziadeck reconcile
