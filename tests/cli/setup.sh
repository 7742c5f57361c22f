#!/bin/sh
# Installs what the tests of the commands and of deploy/ ask, where there is apt and the right to use it: systemd-analyze for
# the units, zsh and fish for their completions, man for the manual, promtool for the alert rules. Elsewhere those tests say NOT CHECKED and the rest runs.
missing=""
for pair in systemd-analyze:systemd zsh:zsh fish:fish man:man-db promtool:prometheus; do
    command -v "${pair%%:*}" >/dev/null || missing="$missing ${pair##*:}"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    # shellcheck disable=SC2086 # one word for each package
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing && exit 0
fi
echo "********************************************************************************" >&2
echo "  Not installed:$missing. The tests that ask them WILL NOT RUN." >&2
echo "********************************************************************************" >&2
