#!/bin/sh
# Installs the proxies that the tests of request smuggling put in front of the server. Where it may not (no root, no apt),
# those tests say NOT CHECKED and the rest runs; with REQUIRE_FRONTS=1 that is an error.
set -u
PATH="$PATH:/usr/sbin:/sbin"
wanted=""
command -v nginx >/dev/null || wanted="$wanted nginx-light"
command -v haproxy >/dev/null || wanted="$wanted haproxy"
[ -z "$wanted" ] && exit 0

give_up() {
    echo "********************************************************************************" >&2
    echo "  $1" >&2
    echo "  The tests behind$wanted (tests/threats/test_smuggling.py) WILL NOT RUN." >&2
    echo "********************************************************************************" >&2
    exit "${REQUIRE_FRONTS:-0}"
}

[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || give_up "Installing$wanted needs root and apt-get."
export DEBIAN_FRONTEND=noninteractive
apt-get install -y -qq --no-install-recommends $wanted >/dev/null 2>&1 ||
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends $wanted; } >/dev/null 2>&1 ||
    give_up "apt-get could not install$wanted."
